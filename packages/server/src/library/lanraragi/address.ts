import { HitagiError } from "@hitagi/contract";

const SCHEME = "lanraragi+";

const invalid = (setting: string, reason: string) =>
  new HitagiError("CONFIG_INVALID", { name: setting, reason });

/**
 * The server that a setting such as `lanraragi+https://host:port` names, its path ending with `/`.
 * @param setting named by the error, which does not repeat the address: there may be a password in it
 * @throws HitagiError CONFIG_INVALID
 */
export const lanraragiAddress = (text: string, setting: string): URL => {
  const address = text.slice(SCHEME.length);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw invalid(setting, "lanraragi+ is not followed by an http or https address");
  }
  if (url.username || url.password) {
    throw invalid(setting, "its address has a user name in it; the key goes into HITAGI_LIBRARY_KEY");
  }
  if (/[?#]/.test(address)) throw invalid(setting, "its address goes on after ? or #");
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/`;
  return url;
};
