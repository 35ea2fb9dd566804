import { expect, test } from "vitest";
import { type ErrorCode, errorTable, HitagiError, isHitagiError, redact } from "../src/index.ts";

test("an error's message and hint are filled in from its parameters", () => {
  const error = new HitagiError("REGISTRY_BUSY", { name: "Example", id: "REG_0000000001" });
  expect(error.message).toBe("An operation on registry Example (REG_0000000001) is already in progress.");
  expect(error.hint).toContain("Wait");
  expect(error.status).toBe(423);
});

test.each(Object.keys(errorTable) as ErrorCode[])("%s has a status, a message and a hint", (code) => {
  const [status, message, hint] = errorTable[code];
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(600);
  expect(message).toMatch(/[.}]$/);
  expect(hint).toMatch(/\.$/);
});

test.each([
  ["https://me:hunter22@host/x", "hunter22"],
  ["Authorization: Bearer abcdef123456", "abcdef123456"],
  ["https://host/x?private_token=abcdef&ref=main", "abcdef"],
  ["https://host/x?api_key=abcdef", "abcdef"],
  ["https://host/x?a=1&X-Amz-Signature=abcdef", "abcdef"],
])("%s is redacted where errors are born", (text, secret) => {
  expect(redact(text)).not.toContain(secret);
  expect(new HitagiError("SOURCE_UNREACHABLE", { reason: text }).message).not.toContain(secret);
});

test.each(["x", "a:", "a://", "token ", "?key=", "?", "key", "Bearer"])(
  "the time to redact a long text of %j grows with its length",
  (part) => {
    const fastest = (run: () => unknown) => {
      const times = [1, 2, 3].map(() => {
        const before = process.cpuUsage();
        run();
        // Their sum is exact; how it is divided is sampled, so that a short run may have no user time.
        const { user, system } = process.cpuUsage(before);
        return user + system;
      });
      return Math.min(...times);
    };
    const [whole, piece] = [part.repeat(200_000), part.repeat(1000)];
    const inPieces = fastest(() => {
      for (let n = 0; n < 200; n++) redact(piece);
    });
    // A pattern that looks on from every character takes 200 times as long for the whole as for its pieces.
    expect(fastest(() => redact(whole)) / inPieces).toBeLessThan(20);
  },
);

test("a message cuts a long parameter", () => {
  const { message } = new HitagiError("SOURCE_UNREACHABLE", { reason: "x".repeat(1_000_000) });
  expect(message.length).toBeLessThan(21_000);
});

test("isHitagiError tells codes apart", () => {
  const error: unknown = new HitagiError("DISK_FULL");
  expect(isHitagiError(error)).toBe(true);
  expect(isHitagiError(error, "DISK_FULL")).toBe(true);
  expect(isHitagiError(error, "PLUGIN_BUSY")).toBe(false);
  expect(isHitagiError(new Error("x"))).toBe(false);
});

test("an error that shows the id of a registry has its name before it", () => {
  const without = Object.entries(errorTable)
    // It is about an id that no registry has.
    .filter(([code]) => code !== "REGISTRY_NOT_FOUND")
    .map(([code, [, message, hint]]) => [code, `${message} ${hint}`.replaceAll(/`[^`]*`/g, "")] as const)
    .filter(
      ([, text]) =>
        /registr/i.test(text) && /\{id\}/.test(text.replaceAll(/\{(?:name|here)\} \(\{id\}\)/g, "")),
    );
  expect(without).toEqual([]);
});
