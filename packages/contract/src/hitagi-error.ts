import { errorTable } from "./errors.ts";

/** A code of the table. */
export type ErrorCode = keyof typeof errorTable;

type Names<T extends string> = T extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;

/** The parameters that a code's message and hint name, each a string or a number. */
export type ErrorParams<C extends ErrorCode> = {
  [N in Names<(typeof errorTable)[C][1]> | Names<(typeof errorTable)[C][2]>]: string | number;
};

/** Arguments after the code: none where the code has no parameter. */
type Rest<C extends ErrorCode> = keyof ErrorParams<C> extends never
  ? [params?: Record<string, never>, options?: ErrorOptions]
  : [params: ErrorParams<C>, options?: ErrorOptions];

/** Characters of a parameter that a message shows: a name in an index may be of megabytes. */
const MAX_SHOWN = 20_000;

const fill = (template: string, params: Record<string, string | number>) =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? "").slice(0, MAX_SHOWN));

/**
 * User information in addresses, bearer tokens, and query values whose names speak of secrets. The texts come from
 * plugins and registries, so none of these may take more than linear time: a scheme has an end.
 */
const SECRETS: [RegExp, string][] = [
  [/([a-z][a-z0-9+.-]{0,31}:\/\/)[^/\s@]+@/gi, "$1***@"],
  [/\b(bearer|basic|token)\s+[\w.~+/=-]{6,}/gi, "$1 ***"],
  [/([?&](?:[\w-]*(?:token|key|secret|password|signature)|sig)=)[^&\s"']+/gi, "$1***"],
];

/** The text with everything that looks like a secret replaced by `***`. */
export const redact = (text: string): string =>
  SECRETS.reduce((out, [pattern, by]) => out.replace(pattern, by), text);

/**
 * An error with a code of the table. Its message and hint are filled in and redacted here, once, so that no
 * later place has to think of it. `cause` is for the log only and never leaves the server.
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

/** Whether a value is a HitagiError, of one of the codes if any are named. */
export const isHitagiError = <C extends ErrorCode = ErrorCode>(
  e: unknown,
  ...codes: C[]
): e is HitagiError<C> => e instanceof HitagiError && (codes.length === 0 || codes.includes(e.code as C));

/** The code of a thrown value; INTERNAL for one that is no HitagiError. */
export const errorCodeOf = (thrown: unknown): ErrorCode => (isHitagiError(thrown) ? thrown.code : "INTERNAL");
