import { deepStrictEqual, ok } from "node:assert";
import type { TestResult } from "./plugin.ts";

/**
 * Asserts that a run found exactly these tags, in any order.
 * @throws AssertionError with both lists
 */
export const assertTags = ({ tags }: Pick<TestResult, "tags">, expected: readonly string[]): void =>
  deepStrictEqual([...tags].sort(), [...expected].sort());

/**
 * Asserts which requests a run made, in this order.
 * @param expected each as `GET https://example.org/x`, without a query
 * @throws AssertionError with both lists
 */
export const assertRequests = (
  { requests }: Pick<TestResult, "requests">,
  expected: readonly string[],
): void =>
  deepStrictEqual(
    requests.map(({ method, url }) => `${method} ${url}`),
    [...expected],
  );

/**
 * Asserts that a line of the log has this text.
 * @throws AssertionError with the log
 */
export const assertLogged = ({ log }: Pick<TestResult, "log">, text: string | RegExp): void => {
  const lines = log.map((line) => line.text);
  const isIn = lines.some((line) => (typeof text === "string" ? line.includes(text) : text.test(line)));
  ok(isIn, `no line of the log has ${text}:\n${lines.join("\n")}`);
};
