import type { Credential, CredentialKind } from "@hitagi/contract";
import type { CredentialUse } from "./types.ts";

/** The user name for a token where the address has none. Hosts with another rule need it in the address. */
const TOKEN_USER = "x-access-token";

const basic = (userAndPassword: string): string => `Basic ${Buffer.from(userAndPassword).toString("base64")}`;

/** The Authorization header of a git host (RFC 7617): a user and password, or a token as the password. */
export const gitAuthorization = (user: string | undefined, { kind, secret }: Credential): string =>
  basic(kind === "password" ? secret : `${user ?? TOKEN_USER}:${secret}`);

/** The Authorization header of a web server: a user and password, or a bearer token (RFC 6750). */
export const webAuthorization = ({ kind, secret }: Credential): string =>
  kind === "password" ? basic(secret) : `Bearer ${secret}`;

/** Whether a credential can be used where this one is accepted. */
export const isAccepted = (use: CredentialUse | undefined, kind: CredentialKind): boolean =>
  use !== undefined && (use.kind === kind || (kind === "password" && use.password === true));
