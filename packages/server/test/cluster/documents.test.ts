import { Type } from "typebox";
import { describe, expect, test } from "vitest";
import { documentKind } from "../../src/documents/documents.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { openNode } from "./open-node.ts";

const list = documentKind("list", Type.Array(Type.String()), []);

describe.skipIf(withoutRedis)("documents on several servers", () => {
  const redis = sharedRedis();

  test("a change on one server is read on all when it returns, and changes at once are all made", async () => {
    const [a, b] = await Promise.all([openNode(redis().address(1)), openNode(redis().address(1))]);
    const read = () => Promise.all([a, b].map(async ({ documents }) => (await documents.read(list)).value));
    expect(await read()).toEqual([[], []]);
    await a.documents.change(list, ({ value }) => [...value, "a"]);
    expect(await read()).toEqual([["a"], ["a"]]);
    await b.documents.change(list, ({ value }) => [...value, "b"]);
    expect(await read()).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    const both = [a, b].map(({ documents }, n) => documents.change(list, ({ value }) => [...value, `${n}`]));
    await Promise.all(both);
    for (const value of await read()) expect([...value].sort()).toEqual(["0", "1", "a", "b"]);
  });
});
