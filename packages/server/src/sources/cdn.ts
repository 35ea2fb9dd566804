import { HitagiError } from "@hitagi/contract";
import { webAuthorization } from "./authorization.ts";
import type { Http } from "./http.ts";
import { safeSegments } from "./relative-path.ts";
import type { Source } from "./types.ts";
import { webAddressProblem } from "./web-address.ts";

/** The address of a file in a folder. Each segment is percent-encoded by itself. */
const addressOf = (folder: string, file: string): URL => {
  const segments = safeSegments(file).map(encodeURIComponent);
  const url = new URL(folder);
  url.pathname = [url.pathname.replace(/\/+$/, ""), ...segments].join("/");
  return url;
};

const isHttps = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === "https:";

/** A folder on a web server. A credential is sent over https only. */
export const createCdnSource = ({ http }: { http: Http }): Source => ({
  provider: "cdn",
  fields: ["url"],
  optional: [],
  credential: ({ url = "" }) =>
    isHttps(url) ? { kind: "token", password: true, origin: new URL(url).origin } : undefined,
  check: ({ url = "" }) => webAddressProblem(url, "http:", "https:"),
  fetch: async ({ url }, file, options) => {
    if (url === undefined) {
      throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider: "cdn", reason: "url is missing" });
    }
    const { credential, ...limits } = options;
    const headers: Record<string, string> =
      credential && isHttps(url) ? { authorization: webAuthorization(credential) } : {};
    return http.get(addressOf(url, file), file, { ...limits, headers });
  },
});
