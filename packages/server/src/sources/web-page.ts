import { HitagiError } from "@hitagi/contract";

/** What a text of HTML begins with, after comments. */
const HTML = /^\s*(?:<!--[\s\S]{0,1000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b/i;
const MAX_BEGINNING = 4096;

/** Whether a text is a web page. */
export const isWebPage = (text: string): boolean => HTML.test(text.slice(0, MAX_BEGINNING));

/** The names of login pages in hosts and paths, and what such a page has. */
const LOGIN_ADDRESS =
  /(?:^|[./_-])(?:log-?in|log_in|sign-?in|sign_in|sso|saml2?|oauth2?|auth|authorize|cas|accounts?|idp?)(?:$|[./_-])/i;
const PASSWORD_FIELD = /<input\b[^>]{0,300}\btype\s*=\s*["']?password\b/i;
const MAX_SEARCHED = 256 * 1024;

const isLogin = (first: URL, last: URL, page: string): boolean =>
  PASSWORD_FIELD.test(page) || (last !== first && LOGIN_ADDRESS.test(`${last.hostname}${last.pathname}`));

/**
 * The error for a web page that was sent in place of a file; undefined for anything else.
 * @param first the address of the file
 * @param last the address that redirects led to
 */
export const webPageError = (bytes: Buffer, file: string, first: URL, last: URL): HitagiError | undefined => {
  if (!isWebPage(bytes.toString("latin1", 0, MAX_BEGINNING))) return undefined;
  if (isLogin(first, last, bytes.toString("latin1", 0, MAX_SEARCHED)))
    return new HitagiError("SOURCE_LOGIN_PAGE", { path: file, host: last.hostname });
  return last.host === first.host
    ? new HitagiError("SOURCE_WEB_PAGE", { path: file })
    : new HitagiError("SOURCE_CAPTIVE_PORTAL", { path: file, host: last.hostname });
};

/** RFC 6585 §6: a network asks for a login before it lets requests through. */
export const NETWORK_LOGIN = 511;
