import { expect, test } from "vitest";
import { checkEntry } from "../../src/catalog/index-rules.ts";
import { parseVersion } from "../../src/catalog/version-choice.ts";

/** What is said of a version's key. */
const faultOf = (key: string): string | undefined => {
  const version = {
    version: key,
    name: "Echo",
    author: "me",
    description: "Answers",
    artifact: "echo.ts",
    sha256: "0".repeat(64),
    published_at: "2026-01-01T00:00:00Z",
  };
  const faults: string[] = [];
  const entry = { namespace: "echo", type: "script", versions: { [key]: version } };
  checkEntry("echo", entry, parseVersion, (_path, reason) => faults.push(reason));
  return faults[0];
};

test("what is said of a version that is refused is true of each kind of refusal", () => {
  expect(faultOf("1.0.0")).toBeUndefined();
  expect(faultOf(`${Number.MAX_SAFE_INTEGER}.0.0`)).toBeUndefined();
  // A version of SemVer 2.0.0, but of a number that is larger than can be compared.
  expect(faultOf("99999999999999999999.0.0")).toContain(`at most ${Number.MAX_SAFE_INTEGER}`);
  expect(faultOf(`1.0.0-${"a".repeat(300)}`)).toContain("256 characters in all");
  expect(faultOf("v1.0.0")).toContain("no `v`");
});
