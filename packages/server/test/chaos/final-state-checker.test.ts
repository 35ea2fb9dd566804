import { expect, test } from "vitest";
import { checkFinalState, type NodeState, type StoreState } from "../../chaos/final-state-checker.ts";

const node: NodeState = {
  name: "node-1",
  answers: { "/api/plugins/installed": [{ namespace: "a", version: "2" }] },
  plugins: { "Managed/Scripts/a.ts": "hash-2" },
  artifacts: ["hash-1", "hash-2"],
  leftovers: [],
};
const store: StoreState = {
  installed: { "Managed/Scripts/a.ts": "hash-2" },
  referenced: ["hash-1", "hash-2"],
  optional: ["hash-builtin"],
  artifacts: ["hash-1", "hash-2"],
  leftovers: [],
};

const judged = (change: Partial<NodeState>, ofStore: Partial<StoreState> = {}) =>
  checkFinalState([node, { ...node, name: "node-2", ...change }], { ...store, ...ofStore }).map(
    ({ kind, what }) => `${kind}: ${what}`,
  );

test("nodes that agree with each other and with the store have no violations", () => {
  expect(judged({})).toEqual([]);
  expect(judged({ artifacts: [] })).toEqual([]);
  expect(judged({ artifacts: ["hash-builtin"] })).toEqual([]);
});

test.each<[string, Partial<NodeState>, Partial<StoreState>, RegExp]>([
  [
    "a node that lists another version",
    { answers: { "/api/plugins/installed": [] } },
    {},
    /^mixed versions: .*node-1.*node-2/,
  ],
  [
    "a file that is not what its record says",
    { plugins: { "Managed/Scripts/a.ts": "hash-1" } },
    {},
    /^mixed versions: node-2: .*hash-1.*hash-2/,
  ],
  ["a file that is missing", { plugins: {} }, {}, /^mixed versions: node-2: .*undefined/],
  [
    "a file without a record",
    { plugins: { ...node.plugins, ".staging/x": "h" } },
    {},
    /^orphan: node-2: plugins\/.staging\/x/,
  ],
  ["a journal", { leftovers: ["journal/a.json"] }, {}, /^orphan: node-2: journal\/a.json/],
  ["bytes that no version has", { artifacts: ["hash-0"] }, {}, /^orphan: node-2: artifacts\/hash-0/],
  [
    "shared bytes that no version has",
    {},
    { artifacts: [...store.artifacts, "hash-0"] },
    /^orphan: shared by all: .*hash-0/,
  ],
  [
    "a version without bytes",
    { artifacts: ["hash-2"] },
    { artifacts: ["hash-2"] },
    /^missing bytes: .*hash-1/,
  ],
  ["a lock", {}, { leftovers: ["HITAGI:LOCK:plugin:a"] }, /^orphan: Redis: HITAGI:LOCK/],
])("%s is found", (_, change, ofStore, what) => {
  const [found, ...others] = judged(change, ofStore);
  expect(found).toMatch(what);
  expect(others).toEqual([]);
});
