import { expect } from "vitest";

/** One request of a LANraragi client and its response; `{name}` is a field of an earlier response. */
export interface Exchange {
  /** The call as docs/lanraragi.md lists it. */
  call: string;
  what: string;
  /** Relative to `/api`, or to the root with `//`. */
  path: string;
  /** Another key, or none. */
  key?: string | null;
  json?: unknown;
  form?: Record<string, string>;
  /** A multipart form: its fields, and the name of its file. */
  upload?: { fields?: Record<string, string>; file: string };
  status: number;
  /** Selects the item of a list whose field has this value. */
  pick?: readonly [field: string, value: string];
  /** The whole response, or the selected item. */
  body: unknown;
  /** Required fields that LANraragi's response lacks: `name`, `name.inner`, `[].name` in lists. */
  more?: readonly string[];
  /** Fields of the response that later exchanges use. */
  keep?: Record<string, string>;
  /** Repeats the request until the job has ended. */
  ended?: boolean;
}

/** A failure response whose message contains these words. */
export const failed = (operation: string, words: string | RegExp) => ({
  body: {
    operation,
    success: 0,
    error: typeof words === "string" ? expect.stringContaining(words) : expect.stringMatching(words),
    code: expect.any(String),
    hint: expect.any(String),
  },
  more: ["code", "hint"],
});

/** The response to an invalid request. */
export const invalid = (operation: string, ...errors: [path: string, message: unknown][]) => ({
  status: 400,
  body: {
    operation,
    success: 0,
    error: expect.any(String),
    code: "VALIDATION_FAILED",
    hint: expect.any(String),
    errors: errors.map(([path, message]) => ({ path, message })),
    status: 400,
  },
  more: ["operation", "success", "error", "code", "hint"],
});

/** LANraragi's success response. */
export const done = (operation: string, rest: object = {}) => ({
  operation,
  success: 1,
  error: null,
  ...rest,
});

export const text = expect.any(String);
export const whole = expect.toSatisfy(Number.isInteger, "a whole number");
/** Epoch seconds as text, as LANraragi's clients require. */
export const epochText = expect.stringMatching(/^\d{10}(\.\d+)?$/);
export const registryId = expect.stringMatching(/^REG_\d{10}$/);
export const archiveId = expect.stringMatching(/^[0-9a-f]{40}$/);
export const UNKNOWN_ID = "f".repeat(40);
