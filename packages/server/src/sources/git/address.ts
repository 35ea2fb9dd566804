/** The parsed address of a git repository. */
export interface GitAddress {
  transport: "https" | "ssh";
  url: string;
  user: string | undefined;
  /** The host, with its port where it has one. */
  host: string;
}

/** A host name that is no option of ssh and has no shell characters. */
const HOST = /^[A-Za-z0-9][A-Za-z0-9.-]*$|^\[[0-9a-fA-F:.]+\]$/;
const USER = /^[A-Za-z0-9_][\w.+-]*$/;
/** `user@host:path`, as git takes it (git-fetch(1), "GIT URLS"). */
const SCP_LIKE = /^(?:([^@/\s:]+)@)?([^@/\s:]+|\[[^\]]+\]):(?!\/\/)(\S.*)$/;
/**
 * The form of access tokens: a known prefix, or a long run of letters and digits. User names do not match, nor do the
 * names of GitLab's deploy tokens.
 */
const TOKEN =
  /^(?:gh[a-z]_|github_pat_|gl(?:pat|dt|cbt|ptt|ft|agent|soat|rt)-|ATBB|ATCTT)|^(?=\D*\d)[A-Za-z0-9_-]*[A-Za-z0-9]{20}/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u0020\u007f]/;

const partsProblem = (user: string | undefined, host: string, path: string): string | undefined => {
  if (!HOST.test(host)) return "url names no host";
  if (user !== undefined && !USER.test(user)) return "url has a user name that cannot be one";
  if (user !== undefined && TOKEN.test(user))
    return "url contains a token, which would be shown; give it apart, as a token";
  if (/^[^/]+@/.test(path)) return "url contains a password, which would be shown; give it apart, as a token";
  if (path === "" || path === "/") return "url names no repository";
  return path.startsWith("-") ? "url names a repository that begins with -" : undefined;
};

const readScpLike = (text: string): GitAddress | string => {
  const [, user, host = "", path = ""] = SCP_LIKE.exec(text) ?? [];
  const problem = partsProblem(user, host, path);
  return problem ?? { transport: "ssh", url: text, user, host };
};

const readUrl = (text: string): GitAddress | string => {
  const { protocol, username, password, hostname, host, pathname, search, hash } = new URL(text);
  if (protocol !== "https:" && protocol !== "ssh:") return "url must begin with https:// or ssh://";
  if (password !== "") return "url must not contain a password";
  if (search !== "" || hash !== "") return "url must have no query or fragment";
  const user = username === "" ? undefined : username;
  const problem = partsProblem(user, hostname, pathname);
  return problem ?? { transport: protocol === "ssh:" ? "ssh" : "https", url: text, user, host };
};

/**
 * Parses the address of a repository. Only https and ssh are accepted: git's `ext::` runs commands, and `file:` reads this
 * machine.
 * @returns the address, or the problem in words that quote nothing of it
 */
export const readGitAddress = (text: string): GitAddress | string => {
  if (text.startsWith("-")) return "url must not begin with -";
  if (UNPRINTABLE.test(text)) return "url has a space or a control character";
  if (/^[a-z][a-z0-9+.-]*::/i.test(text)) return "url must begin with https:// or ssh://";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return URL.canParse(text) ? readUrl(text) : "url is not an address";
  return SCP_LIKE.test(text) ? readScpLike(text) : "url is not an address";
};

/** The origin that receives the credential. */
export const originOf = ({ transport, host }: Pick<GitAddress, "transport" | "host">): string =>
  `${transport}://${host.toLowerCase()}`;
