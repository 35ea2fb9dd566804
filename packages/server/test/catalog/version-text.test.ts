import { expect, test } from "vitest";
import { checkPlugin } from "../../src/catalog/index-rules.ts";
import { parseVersion } from "../../src/catalog/version-choice.ts";

/** The issue of a version's key. */
const issueOf = (key: string): string | undefined => {
  const version = {
    version: key,
    name: "Echo",
    author: "me",
    description: "Answers",
    artifact: "echo.ts",
    sha256: "0".repeat(64),
    published_at: "2026-01-01T00:00:00Z",
  };
  const issues: string[] = [];
  const entry = { namespace: "echo", type: "script", versions: { [key]: version } };
  checkPlugin("echo", entry, parseVersion, (_path, reason) => issues.push(reason));
  return issues[0];
};

test("the message for a refused version is true for each kind of refusal", () => {
  expect(issueOf("1.0.0")).toBeUndefined();
  expect(issueOf(`${Number.MAX_SAFE_INTEGER}.0.0`)).toBeUndefined();
  // A version of SemVer 2.0.0, but of a number that is larger than can be compared.
  expect(issueOf("99999999999999999999.0.0")).toContain(`at most ${Number.MAX_SAFE_INTEGER}`);
  expect(issueOf(`1.0.0-${"a".repeat(300)}`)).toContain("256 characters in all");
  expect(issueOf("v1.0.0")).toContain("no `v`");
});
