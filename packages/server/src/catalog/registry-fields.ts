import { type Credential, HitagiError, type Registry, type RegistryFields } from "@hitagi/contract";
import { isAccepted } from "../sources/authorization.ts";
import type { Sources } from "../sources/sources.ts";

/** The fields that say where a source is. */
const SOURCE_FIELDS = ["url", "ref", "path", "folder"] as const;

const fieldProblem = (sources: Sources, fields: RegistryFields): string | undefined => {
  const source = sources.get(fields.provider);
  const known = [...source.fields, ...source.optional];
  if (fields.name.trim() === "") return "name is missing";
  const unknown = SOURCE_FIELDS.find((field) => fields[field] !== undefined && !known.includes(field));
  if (unknown !== undefined) return `${unknown} is not a field of this provider`;
  const missing = source.fields.find((field) => (fields[field] ?? "") === "");
  if (missing !== undefined) return `${missing} is missing`;
  if (fields.generateIndex && !source.readTree)
    return "its files cannot be listed, so that no index can be generated; use git or local";
  return source.check(fields);
};

/** @throws HitagiError REGISTRY_FIELDS_INVALID where a field is missing, not of this provider, or not valid */
export const checkFields = (sources: Sources, fields: RegistryFields): void => {
  const reason = fieldProblem(sources, fields);
  if (reason !== undefined) {
    throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider: fields.provider, reason });
  }
};

/** The fields without white space around their texts, which comes with what people paste. */
export const trimmed = <F extends object>(fields: F): F =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? value.trim() : value]),
  ) as F;

/** The fields to change. Absent fields stay; null removes the folder. */
export type RegistryChange = Partial<Omit<RegistryFields, "folder">> & { folder?: string | null | undefined };

/** The fields after a change. A change of the provider drops the fields of the old one, as in LANraragi. */
export const changedFields = (current: RegistryFields, change: RegistryChange): RegistryFields => {
  const { name, provider, url, ref, path, folder, lenient, generateIndex } = current;
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const changesProvider = change.provider !== undefined && change.provider !== provider;
  const kept = {
    name,
    provider,
    lenient,
    generateIndex,
    ...(changesProvider ? {} : { url, ref, path, folder }),
  };
  return { ...kept, ...given, ...(change.folder === null && { folder: undefined }) };
};

/** Whether two registries read the same files in the same way. */
export const sameSource = (a: RegistryFields, b: RegistryFields): boolean =>
  a.provider === b.provider &&
  Boolean(a.generateIndex) === Boolean(b.generateIndex) &&
  SOURCE_FIELDS.every((field) => a[field] === b[field]);

/** The credential fields of a request; null removes the credential. */
interface CredentialFields {
  token?: string | null | undefined;
  sshKey?: string | null | undefined;
  user?: string | undefined;
  password?: string | null | undefined;
}

/** The credential of a request; null to remove it, undefined to keep the current one. */
export const readCredential = ({
  token,
  sshKey,
  user,
  password,
}: CredentialFields): Credential | null | undefined => {
  if (token) return { kind: "token", secret: token };
  if (sshKey) return { kind: "ssh-key", secret: sshKey };
  // A user without a password: some hosts take a token as the user.
  if (user || password) return { kind: "password", secret: `${user ?? ""}:${password ?? ""}` };
  return [token, sshKey, password].includes(null) ? null : undefined;
};

const KEY = /^-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----\r?\n([\s\S]+?)-----END \1-----\s*$/;
/** The beginning of an OpenSSH key without a passphrase (PROTOCOL.key): the cipher is `none`. */
const UNENCRYPTED_KEY = Buffer.from("openssh-key-v1\0\0\0\0\u0004none");

/** Whether ssh would ask for a passphrase. The server cannot answer it. */
const isEncrypted = (kind: string, body: string): boolean =>
  kind.startsWith("OPENSSH")
    ? !Buffer.from(body, "base64").subarray(0, UNENCRYPTED_KEY.length).equals(UNENCRYPTED_KEY)
    : body.includes("ENCRYPTED");

const keyProblem = (text: string): string | undefined => {
  const [, kind, body] = KEY.exec(text.trimStart()) ?? [];
  if (kind === undefined || body === undefined) return "sshKey is not the text of a private key";
  if (kind === "ENCRYPTED PRIVATE KEY" || isEncrypted(kind, body)) {
    return "sshKey has a passphrase; make a key without one for this registry alone";
  }
  return undefined;
};

const WANTED = {
  token: "it takes a token, over https",
  password: "it takes a user and password, over https",
  "ssh-key": "it takes an ssh key",
} as const;

const credentialProblem = (
  sources: Sources,
  fields: RegistryFields,
  { kind, secret }: Credential,
): string | undefined => {
  const use = sources.get(fields.provider).credential(fields);
  if (use === undefined) return "it takes no credential: only registries over https and ssh do";
  if (!isAccepted(use, kind)) return WANTED[use.kind];
  return kind === "ssh-key" ? keyProblem(secret) : undefined;
};

/** @throws HitagiError REGISTRY_FIELDS_INVALID where a registry cannot be reached with that credential */
export const checkCredential = (
  sources: Sources,
  fields: RegistryFields,
  credential: Credential | null | undefined,
): void => {
  const reason = credential ? credentialProblem(sources, fields, credential) : undefined;
  if (reason !== undefined) {
    throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider: fields.provider, reason });
  }
};

/**
 * Whether a changed registry may keep its credential. It must not go to another host: a user who may change a registry
 * could then read the write-only secret.
 */
export const keepsCredential = (
  sources: Sources,
  before: RegistryFields & Pick<Registry, "credential">,
  after: RegistryFields,
): boolean => {
  const [old, changed] = [before, after].map((fields) => sources.get(fields.provider).credential(fields));
  const kind = before.credential ?? old?.kind;
  return old?.origin === changed?.origin && kind !== undefined && isAccepted(changed, kind);
};
