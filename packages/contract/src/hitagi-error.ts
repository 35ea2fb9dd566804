import { errorTable } from "./errors.ts";
import { cleanText } from "./text.ts";

/** A code of the table. */
export type ErrorCode = keyof typeof errorTable;

type Names<T extends string> = T extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;

/** The parameters of a code's message and hint, each a string or a number. */
export type ErrorParams<C extends ErrorCode> = {
  [N in Names<(typeof errorTable)[C][1]> | Names<(typeof errorTable)[C][2]>]: string | number;
};

/** Arguments after the code; none for a code without parameters. */
type Rest<C extends ErrorCode> = keyof ErrorParams<C> extends never
  ? [params?: Record<string, never>, options?: ErrorOptions]
  : [params: ErrorParams<C>, options?: ErrorOptions];

/** The most characters of a parameter that a message shows: a name in an index can have megabytes. */
const MAX_SHOWN = 20_000;

const fill = (template: string, params: Record<string, string | number>) =>
  template.replace(/\{(\w+)\}/g, (_, name: string) =>
    cleanText(String(params[name] ?? "").slice(0, MAX_SHOWN)),
  );

/**
 * User information in addresses, bearer tokens, and query values with names of secrets. The texts come from plugins
 * and registries, so each pattern must run in linear time: the scheme has a limited length.
 */
const SECRETS: [RegExp, string][] = [
  [/([a-z][a-z0-9+.-]{0,31}:\/\/)[^/\s@]+@/gi, "$1***@"],
  [/\b(bearer|basic|token)\s+[\w.~+/=-]{6,}/gi, "$1 ***"],
  [/([?&](?:[\w-]*(?:token|key|secret|password|signature)|sig)=)[^&\s"']+/gi, "$1***"],
];

/** Replaces everything that looks like a secret with `***`. */
export const redact = (text: string): string =>
  SECRETS.reduce((out, [pattern, by]) => out.replace(pattern, by), text);

/**
 * An error with a code of the table. The constructor fills in and redacts its message and hint, so no later code needs
 * to. `cause` is for the log only and never leaves the server.
 */
export class HitagiError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly status: number;
  readonly hint: string;
  readonly params: Record<string, string | number>;

  constructor(code: C, ...[params = {}, options]: Rest<C>) {
    const [status, message, hint] = errorTable[code];
    super(redact(fill(message, params)), options);
    this.name = "HitagiError";
    this.code = code;
    this.status = status;
    this.hint = redact(fill(hint, params));
    this.params = params;
  }
}

/** Whether a value is a HitagiError, with one of the codes if some are given. */
export const isHitagiError = <C extends ErrorCode = ErrorCode>(
  e: unknown,
  ...codes: C[]
): e is HitagiError<C> => e instanceof HitagiError && (codes.length === 0 || codes.includes(e.code as C));

/** The code of a thrown value; INTERNAL if it is not a HitagiError. */
export const errorCodeOf = (thrown: unknown): ErrorCode => (isHitagiError(thrown) ? thrown.code : "INTERNAL");
