import { isIP } from "node:net";
import { Cookie, CookieJar } from "tough-cookie";
import { grantedReach } from "../../net/granted-hosts.ts";
import type { LoginSession } from "../types.ts";
import { type HeaderList, HOST_HEADERS } from "./plugin-request.ts";

/** Adds a login session to requests, and keeps the cookies that sites set. */
export interface SessionCookies {
  /** The headers with those of the session, for its hosts only, and the cookies that match the address. */
  addTo(headers: HeaderList, url: URL): Promise<HeaderList>;
  /** Ignores cookies that are invalid or not for this site, as a browser does. */
  keep(setCookies: readonly string[], url: URL): Promise<void>;
}

type SessionCookie = LoginSession["cookies"][number];

/** Addresses and names without a dot have no subdomains: their cookies are for that host alone (RFC 6265 §5.1.3). */
const isHostOnly = (domain: string) => isIP(domain) !== 0 || !domain.includes(".");

const addCookie = async (
  jar: CookieJar,
  { name, value, domain, path = "/" }: SessionCookie,
): Promise<void> => {
  const host = domain.replace(/^\./, "").toLowerCase();
  const scope = isHostOnly(host) ? {} : { domain: host };
  const cookie = new Cookie({ key: name, value, path, ...scope });
  await jar.setCookie(cookie, `https://${host}${path}`, { ignoreError: true });
};

const isCookie = ([name]: HeaderList[number]) => name.toLowerCase() === "cookie";

/** The session's headers replace the plugin's; all cookies go into one header (RFC 6265 §5.4). */
const merged = (headers: HeaderList, added: HeaderList, cookies: string): HeaderList => {
  const names = new Set(added.map(([name]) => name.toLowerCase()));
  const own = headers.filter(([name]) => !names.has(name.toLowerCase()));
  const all = [...own, ...added];
  const values = [...all.filter(isCookie).map(([, value]) => value), cookies].filter((text) => text !== "");
  const others = all.filter((header) => !isCookie(header));
  return values.length > 0 ? [...others, ["cookie", values.join("; ")]] : others;
};

const open = async (session: LoginSession): Promise<SessionCookies> => {
  const jar = new CookieJar();
  for (const cookie of session.cookies) await addCookie(jar, cookie);
  const own = Object.entries(session.headers).filter(([name]) => !HOST_HEADERS.test(name));
  return {
    async addTo(headers, url) {
      const cookies = await jar.getCookieString(url.href);
      return merged(headers, grantedReach(session.hosts, url) ? own : [], cookies);
    },
    async keep(setCookies, url) {
      for (const text of setCookies) await jar.setCookie(text, url.href, { ignoreError: true });
    },
  };
};

/** One cookie jar for each session object. */
export const createSessionCookies = (): ((session: LoginSession) => Promise<SessionCookies>) => {
  const jars = new WeakMap<LoginSession, Promise<SessionCookies>>();
  return (session) => {
    const jar = jars.get(session) ?? open(session);
    jars.set(session, jar);
    return jar;
  };
};
