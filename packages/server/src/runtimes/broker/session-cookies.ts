import { isIP } from "node:net";
import { Cookie, CookieJar } from "tough-cookie";
import { grantedReach } from "../../net/granted-hosts.ts";
import type { Session } from "../types.ts";
import { type HeaderList, HOST_HEADERS } from "./plugin-request.ts";

/** What a login's session adds to requests, and the cookies that sites set while it lasts. */
export interface SessionCookies {
  /** The headers with the session's own, only to its hosts, and with the cookies that match the address. */
  addTo(headers: HeaderList, url: URL): Promise<HeaderList>;
  /** Keeps what a site sets. A cookie that is not valid or not for this site is left out, as in a browser. */
  keep(setCookies: readonly string[], url: URL): Promise<void>;
}

type SessionCookie = Session["cookies"][number];

/** Addresses and names without a dot have no subdomains: their cookies are for that host alone (RFC 6265 §5.1.3). */
const isHostOnly = (domain: string) => isIP(domain) !== 0 || !domain.includes(".");

const put = async (jar: CookieJar, { name, value, domain, path = "/" }: SessionCookie): Promise<void> => {
  const host = domain.replace(/^\./, "").toLowerCase();
  const scope = isHostOnly(host) ? {} : { domain: host };
  const cookie = new Cookie({ key: name, value, path, ...scope });
  await jar.setCookie(cookie, `https://${host}${path}`, { ignoreError: true });
};

const isCookie = ([name]: HeaderList[number]) => name.toLowerCase() === "cookie";

/** The session's headers win over the plugin's; all cookies go into one header (RFC 6265 §5.4). */
const merged = (headers: HeaderList, added: HeaderList, cookies: string): HeaderList => {
  const names = new Set(added.map(([name]) => name.toLowerCase()));
  const own = headers.filter(([name]) => !names.has(name.toLowerCase()));
  const all = [...own, ...added];
  const values = [...all.filter(isCookie).map(([, value]) => value), cookies].filter((text) => text !== "");
  const others = all.filter((header) => !isCookie(header));
  return values.length > 0 ? [...others, ["cookie", values.join("; ")]] : others;
};

const open = async (session: Session): Promise<SessionCookies> => {
  const jar = new CookieJar();
  for (const cookie of session.cookies) await put(jar, cookie);
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

/** One jar for each session, for as long as the session object is in use. */
export const createSessionCookies = (): ((session: Session) => Promise<SessionCookies>) => {
  const jars = new WeakMap<Session, Promise<SessionCookies>>();
  return (session) => {
    const jar = jars.get(session) ?? open(session);
    jars.set(session, jar);
    return jar;
  };
};
