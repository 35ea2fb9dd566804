/** Where a git repository is, taken apart. */
export interface GitAddress {
  transport: "https" | "ssh";
  /** As git takes it. */
  url: string;
  user: string | undefined;
  /** Host and, where it is given, port. */
  host: string;
}

/** A name that is no option to ssh and has no shell in it. */
const HOST = /^[A-Za-z0-9][A-Za-z0-9.-]*$|^\[[0-9a-fA-F:.]+\]$/;
const USER = /^[A-Za-z0-9_][\w.+-]*$/;
/** `user@host:path`, as git takes it (git-fetch(1), "GIT URLS"). */
const SCP_LIKE = /^(?:([^@/\s:]+)@)?([^@/\s:]+|\[[^\]]+\]):(?!\/\/)(\S.*)$/;
/**
 * What hosts make their tokens look like: by how they begin, or long and of letters and digits without a break. A name of
 * a person or a robot is not; the names of GitLab's deploy tokens are none of these.
 */
const TOKEN =
  /^(?:gh[a-z]_|github_pat_|gl(?:pat|dt|cbt|ptt|ft|agent|soat|rt)-|ATBB|ATCTT)|^(?=\D*\d)[A-Za-z0-9_-]*[A-Za-z0-9]{20}/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u0020\u007f]/;

const partsFault = (user: string | undefined, host: string, path: string): string | undefined => {
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
  const fault = partsFault(user, host, path);
  return fault ?? { transport: "ssh", url: text, user, host };
};

const readUrl = (text: string): GitAddress | string => {
  const { protocol, username, password, hostname, host, pathname, search, hash } = new URL(text);
  if (protocol !== "https:" && protocol !== "ssh:") return "url must begin with https:// or ssh://";
  if (password !== "") return "url must not contain a password";
  if (search !== "" || hash !== "") return "url must have no query or fragment";
  const user = username === "" ? undefined : username;
  const fault = partsFault(user, hostname, pathname);
  return fault ?? { transport: protocol === "ssh:" ? "ssh" : "https", url: text, user, host };
};

/**
 * Takes a repository's address apart, or answers what is wrong with it, in words that hold nothing of it. Only https and
 * ssh are taken: git's `ext::` runs commands, `file:` reads this machine.
 */
export const readGitAddress = (text: string): GitAddress | string => {
  if (text.startsWith("-")) return "url must not begin with -";
  if (UNPRINTABLE.test(text)) return "url has a space or a control character";
  if (/^[a-z][a-z0-9+.-]*::/i.test(text)) return "url must begin with https:// or ssh://";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return URL.canParse(text) ? readUrl(text) : "url is not an address";
  return SCP_LIKE.test(text) ? readScpLike(text) : "url is not an address";
};

/** Two registries with one origin hand their credential to the same host. */
export const originOf = ({ transport, host }: Pick<GitAddress, "transport" | "host">): string =>
  `${transport}://${host.toLowerCase()}`;
