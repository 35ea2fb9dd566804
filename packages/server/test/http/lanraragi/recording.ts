import { expect } from "vitest";

/** One exchange with a server, as a client of LANraragi makes it; `{name}` stands for what an earlier answer gave. */
export interface Exchange {
  /** The call as docs/lanraragi.md lists it. */
  call: string;
  what: string;
  /** Below `/api`, or from the root with `//`. */
  path: string;
  /** Another key, or none. */
  key?: string | null;
  json?: unknown;
  form?: Record<string, string>;
  /** A multipart form: its fields, and a file of the world by its name. */
  upload?: { fields?: Record<string, string>; file: string };
  status: number;
  /** Of a list only the item whose field is this. */
  pick?: readonly [field: string, value: string];
  /** The whole answer, or that item. */
  body: unknown;
  /** What of it LANraragi's has not: `name`, `name.inner`, `[].name` in lists. Each must be there. */
  more?: readonly string[];
  /** Fields of the answer that later exchanges use. */
  keep?: Record<string, string>;
  /** Asked again until its state is one of the last. */
  ended?: boolean;
}

/** An answer in the words of whoever fails; the sentence may be longer. */
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

/** The answer to a request that is not valid. */
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

/** LANraragi's envelope of success. */
export const done = (operation: string, rest: object = {}) => ({
  operation,
  success: 1,
  error: null,
  ...rest,
});

export const text = expect.any(String);
export const whole = expect.toSatisfy(Number.isInteger, "a whole number");
/** Epoch seconds in text, as LANraragi's clients demand. */
export const epochText = expect.stringMatching(/^\d{10}(\.\d+)?$/);
export const registryId = expect.stringMatching(/^REG_\d{10}$/);
export const archiveId = expect.stringMatching(/^[0-9a-f]{40}$/);
export const UNKNOWN_ID = "f".repeat(40);
