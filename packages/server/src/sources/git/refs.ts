import { gitAuthorization } from "../authorization.ts";
import type { Http } from "../http.ts";
import type { Fetched, FetchOptions } from "../types.ts";
import type { GitAddress } from "./address.ts";

const MAX_BYTES = 8 * 1024 * 1024;

/** Gets the list of a repository's refs over https (gitprotocol-http). @throws the errors of {@link Http.get} */
export const getRefs = (
  http: Http,
  { url, user }: Pick<GitAddress, "url" | "user">,
  { timeoutMs, signal, credential }: Pick<FetchOptions, "timeoutMs" | "signal" | "credential">,
): Promise<Fetched> =>
  http.get(new URL(`${url.replace(/\/+$/, "")}/info/refs?service=git-upload-pack`), "info/refs", {
    maxBytes: MAX_BYTES,
    timeoutMs,
    ...(signal && { signal }),
    ...(credential && { headers: { authorization: gitAuthorization(user, credential) } }),
  });
