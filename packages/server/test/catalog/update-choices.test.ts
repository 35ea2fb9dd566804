import type { UpdateChoices } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { objectionTo } from "../../src/catalog/update-choices.ts";

const since = 1;
const hold = (at: string): UpdateChoices => ({ hold: { at, since } });
const skipped = (version: string, reason: "skipped" | "rolled_back" = "skipped"): UpdateChoices => ({
  skipped: [{ version, reason, since }],
});

describe("an update is not offered", () => {
  test.each([
    ["beyond a hold", hold("1.0.0"), "1.0.1", "held"],
    ["with another build than the held version", hold("1.0.0+a"), "1.0.0+b", "held"],
    ["that is skipped", skipped("2.0.0"), "2.0.0", "skipped"],
    ["that was rolled back from", skipped("2.0.0", "rolled_back"), "2.0.0", "rolled_back"],
    ["before the one that was rolled back from", skipped("2.0.0", "rolled_back"), "1.5.0", "rolled_back"],
  ])("%s", (_, choices, version, reason) => {
    expect(objectionTo(choices, version, false)).toMatchObject({ reason, since });
  });
});

describe("an update is offered", () => {
  test.each([
    ["without choices", {}, "1.0.0"],
    ["up to a hold", hold("1.2.0"), "1.2.0"],
    ["below a hold", hold("1.2.0"), "1.1.0"],
    ["beside a skipped one", skipped("2.0.0"), "1.9.0"],
    ["after a skipped one", skipped("2.0.0"), "2.0.1"],
    ["after the one that was rolled back from", skipped("2.0.0", "rolled_back"), "2.0.1"],
  ])("%s", (_, choices, version) => {
    expect(objectionTo(choices, version, false)).toBeUndefined();
  });
});

test("the versions of a generated index have no order: a hold is for one, and a rollback excludes one", () => {
  expect(objectionTo(hold("2.0.0"), "1.0.0", true)).toMatchObject({ reason: "held", at: "2.0.0" });
  expect(objectionTo(hold("2.0.0"), "2.0.0", true)).toBeUndefined();
  expect(objectionTo(skipped("2.0.0", "rolled_back"), "1.0.0", true)).toBeUndefined();
});
