import { isIP } from "node:net";
import type { Cookie, CookieJar, Store } from "tough-cookie";
import { grantedReach } from "../../net/granted-hosts.ts";
import type { LoginSession } from "../types.ts";
import { type HeaderList, HOST_HEADERS } from "./plugin-request.ts";

/** Loaded for the first plugin with a session: it brings the list of public suffixes. */
const loadCookies = () => import("tough-cookie");

/** Limits of browsers (RFC 6265 §6.1), and of the cookies that one answer may set. */
const MAX_COOKIE_BYTES = 4096;
const MAX_ATTRIBUTE_BYTES = 1024;
const MAX_PER_ANSWER = 50;
const MAX_PER_DOMAIN = 50;
const MAX_PER_SESSION = 256;

/** Adds a login session to the requests of one plugin, and keeps the cookies that sites set for this plugin. */
export interface SessionCookies {
  /** The headers with the session's headers and cookies, for hosts that were granted to the login. */
  addTo(headers: HeaderList, url: URL): Promise<HeaderList>;
  /** Ignores cookies that are invalid, too large or too many, or not for this site, as a browser does. */
  keep(setCookies: readonly string[], url: URL): Promise<void>;
}

/** @param plugin identifies the plugin and its source */
export type SessionCookiesOf = (session: LoginSession, plugin: string) => SessionCookies;

type SessionCookie = LoginSession["cookies"][number];

/** Addresses and names without a dot have no subdomains (RFC 6265 §5.1.3). */
const hasSubdomains = (host: string) => isIP(host) === 0 && host.includes(".");

const isSmall = ({ key, value }: Cookie) =>
  Buffer.byteLength(key) + Buffer.byteLength(value) <= MAX_COOKIE_BYTES;

const idOf = ({ domain, path, key }: Cookie): string => JSON.stringify([domain, path, key]);

/** A cookie of the login is for its host alone, unless its domain begins with a dot. */
const addLoginCookie = async (
  jar: CookieJar,
  { name, value, domain, path = "/", secure = false }: SessionCookie,
): Promise<void> => {
  const host = domain.replace(/^\./, "").toLowerCase();
  const { Cookie } = await loadCookies();
  const scope = domain.startsWith(".") && hasSubdomains(host) ? { domain: host } : {};
  const cookie = new Cookie({ key: name, value, path, secure, ...scope });
  if (isSmall(cookie)) await jar.setCookie(cookie, `https://${host}${path}`, { ignoreError: true });
};

/** Removes the oldest cookies over the limits. Those of the login stay. */
const removeExcess = async (store: Store, login: ReadonlySet<string>): Promise<void> => {
  const all = await store.getAllCookies();
  const perDomain = new Map<string, number>();
  let total = 0;
  const newestFirst = all.toSorted((a, b) => (b.creationIndex ?? 0) - (a.creationIndex ?? 0));
  const isOfLogin = (cookie: Cookie) => login.has(idOf(cookie));
  for (const cookie of [...all.filter(isOfLogin), ...newestFirst.filter((one) => !isOfLogin(one))]) {
    const { domain, path, key } = cookie;
    const count = (perDomain.get(domain ?? "") ?? 0) + 1;
    if (count > MAX_PER_DOMAIN || total >= MAX_PER_SESSION) await store.removeCookie(domain, path, key);
    else {
      perDomain.set(domain ?? "", count);
      total++;
    }
  }
};

interface Jar {
  jar: CookieJar;
  /** The cookies of the login. */
  login: ReadonlySet<string>;
}

const openJar = async ({ cookies }: LoginSession): Promise<Jar> => {
  const { CookieJar } = await loadCookies();
  const jar = new CookieJar(undefined, { allowSecureOnLocal: false });
  for (const cookie of cookies) await addLoginCookie(jar, cookie);
  await removeExcess(jar.store, new Set());
  return { jar, login: new Set((await jar.store.getAllCookies()).map(idOf)) };
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

/** What a site on one port sets is for this port. The two ports of the web are one site. */
const portClass = ({ port }: URL): string => (port === "" || port === "80" || port === "443" ? "web" : port);

const open = (session: LoginSession): SessionCookies => {
  const jars = new Map<string, Promise<Jar>>();
  const jarOf = (url: URL): Promise<Jar> => {
    const jar = jars.get(portClass(url)) ?? openJar(session);
    jars.set(portClass(url), jar);
    return jar;
  };
  const headersOfLogin = Object.entries(session.headers).filter(([name]) => !HOST_HEADERS.test(name));
  const isHostOfLogin = (url: URL) => grantedReach(session.hosts, url) !== undefined;
  return {
    async addTo(headers, url) {
      const covered = isHostOfLogin(url);
      if (!covered && !session.anyHost) return headers;
      const { jar } = await jarOf(url);
      return merged(headers, covered ? headersOfLogin : [], await jar.getCookieString(url.href));
    },
    async keep(setCookies, url) {
      if (setCookies.length === 0 || !(session.anyHost || isHostOfLogin(url))) return;
      const { Cookie } = await loadCookies();
      const { jar, login } = await jarOf(url);
      for (const text of setCookies.slice(0, MAX_PER_ANSWER)) {
        if (text.length > MAX_COOKIE_BYTES + MAX_ATTRIBUTE_BYTES) continue;
        const cookie = Cookie.parse(text);
        if (cookie && isSmall(cookie)) await jar.setCookie(cookie, url.href, { ignoreError: true });
      }
      await removeExcess(jar.store, login);
    },
  };
};

/** One set of jars for each session object and plugin: no plugin changes the session of the login, or of another plugin. */
export const createSessionCookies = (): SessionCookiesOf => {
  const opened = new WeakMap<LoginSession, Map<string, SessionCookies>>();
  return (session, plugin) => {
    const ofSession = opened.get(session) ?? new Map<string, SessionCookies>();
    opened.set(session, ofSession);
    const cookies = ofSession.get(plugin) ?? open(session);
    ofSession.set(plugin, cookies);
    return cookies;
  };
};
