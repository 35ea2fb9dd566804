import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createActivePlugins } from "../../../src/plugins/registry/active.ts";
import type { ActivePlugin } from "../../../src/plugins/types.ts";
import { activePlugin } from "../active-plugin.ts";

const setup = () => {
  const retired: string[] = [];
  const active = createActivePlugins({ retire: (plugin) => retired.push(plugin.code.sha256) });
  return { active, retired };
};

const version = (sha256: string, fields: Partial<ActivePlugin> = {}) => {
  const plugin = activePlugin({}, fields);
  return { ...plugin, code: { ...plugin.code, sha256 } };
};

test("lookups ignore the namespace's case, and lists are sorted by namespace", () => {
  const { active } = setup();
  active.set("b", activePlugin({ namespace: "b" }));
  active.set("a", activePlugin({ namespace: "a" }));
  expect(active.get(toNamespace("B"))?.namespace).toBe("b");
  expect(active.list().map((p) => p.namespace)).toEqual(["a", "b"]);
  expect(active.get("c")).toBeUndefined();
});

test("a list is a snapshot: later changes do not alter it", () => {
  const { active } = setup();
  active.set("sample", version("1"));
  const before = active.list();
  active.set("sample", version("2"));
  active.patch("sample", { enabled: true });
  expect(before.map((p) => [p.code.sha256, p.enabled])).toEqual([["1", false]]);
  expect(active.list().map((p) => [p.code.sha256, p.enabled])).toEqual([["2", true]]);
});

test("only code that no new call can run is retired", () => {
  const { active, retired } = setup();
  active.set("sample", version("1"));
  active.set("sample", version("1", { priority: 3 }));
  active.patch("sample", { hidden: true });
  expect(retired).toEqual([]);
  active.set("sample", version("2"));
  expect(retired).toEqual(["1"]);
  active.set(toNamespace("SAMPLE"), undefined);
  expect(retired).toEqual(["1", "2"]);
  active.set("sample", undefined);
  expect(retired).toEqual(["1", "2"]);
  expect(active.list()).toEqual([]);
});

test("the revision grows with every change, and only then", () => {
  const { active } = setup();
  const steps = [
    () => active.set("sample", version("1")),
    () => active.patch("sample", { enabled: true }),
    () => active.patch("absent", { enabled: true }),
    () => active.set("absent", undefined),
    () => void active.list(),
    () => active.set("sample", undefined),
  ];
  const revisions = steps.map((step) => {
    step();
    return active.revision();
  });
  expect(revisions).toEqual([1, 2, 2, 2, 2, 3]);
});
