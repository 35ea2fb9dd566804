import { HitagiError } from "@hitagi/contract";
import type { Http } from "./http.ts";
import { safeSegments } from "./relative-path.ts";
import type { Source } from "./types.ts";

/** The address of a file: the folder's address, and the segments percent-encoded one by one. */
const addressOf = (folder: string, file: string): URL => {
  const segments = safeSegments(file).map(encodeURIComponent);
  const url = new URL(folder);
  url.pathname = [url.pathname.replace(/\/+$/, ""), ...segments].join("/");
  return url;
};

const urlFault = (text: string): string | undefined => {
  if (!URL.canParse(text)) return "url is not an address";
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "url must begin with http:// or https://";
  if (url.username !== "" || url.password !== "") return "url must not contain a user name or password";
  if (/[?#]/.test(text)) return "url must be that of a folder, without a query or fragment";
  return undefined;
};

/** A folder on a web server. */
export const createCdnSource = ({ http }: { http: Http }): Source => ({
  provider: "cdn",
  fields: ["url"],
  check: ({ url = "" }) => urlFault(url),
  fetch: async ({ url }, file, options) => {
    if (url === undefined) {
      throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider: "cdn", reason: "url is missing" });
    }
    return http.get(addressOf(url, file), file, options);
  },
});
