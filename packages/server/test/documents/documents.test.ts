import { Type } from "typebox";
import { expect, onTestFinished, test } from "vitest";
import { createDeferred } from "../../src/async/deferred.ts";
import { createDocuments, documentKind } from "../../src/documents/documents.ts";
import { alwaysFresh } from "../../src/freshness.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { DocumentStore } from "../../src/store/types.ts";
import { tempFolder } from "../support/temp-folder.ts";

const list = documentKind("list", Type.Array(Type.String()), []);

const setUp = async (wrap: (store: DocumentStore) => DocumentStore = (store) => store) => {
  const { documents, close } = await openSqliteStore(`${await tempFolder()}/hitagi.db`);
  onTestFinished(close);
  let reads = 0;
  const store = wrap({
    set: documents.set,
    get: (name) => {
      reads += 1;
      return documents.get(name);
    },
  });
  return {
    store: documents,
    documents: createDocuments({ store, ensureFresh: alwaysFresh }),
    reads: () => reads,
  };
};

test("a document has its initial value until it is changed", async () => {
  const { documents } = await setUp();
  expect(await documents.read(list)).toEqual({ value: [], revision: 0 });
  expect(await documents.change(list, ({ value }) => [...value, "a"])).toEqual({ value: ["a"], revision: 1 });
  expect(await documents.read(list)).toEqual({ value: ["a"], revision: 1 });
});

test("the store is asked once, until the document is forgotten", async () => {
  const { documents, store, reads } = await setUp();
  for (let n = 0; n < 5; n++) await documents.read(list);
  expect(reads()).toBe(1);
  await store.set("list", ["by another node"], 0);
  expect((await documents.read(list)).value).toEqual([]);
  documents.forget();
  expect((await documents.read(list)).value).toEqual(["by another node"]);
  expect(reads()).toBe(2);
});

test("a read that began before a change is not kept after it", async () => {
  const [gate, hasRead] = [createDeferred<void>(), createDeferred<void>()];
  let held = true;
  const { documents, store } = await setUp((inner) => ({
    ...inner,
    get: async (name) => {
      const found = await inner.get(name);
      hasRead.resolve();
      if (held) await gate.promise;
      return found;
    },
  }));
  const early = documents.read(list);
  await hasRead.promise;
  await store.set("list", ["new"], 0);
  documents.forget();
  held = false;
  expect((await documents.read(list)).value).toEqual(["new"]);
  gate.resolve();
  expect((await early).value).toEqual([]);
  expect((await documents.read(list)).value).toEqual(["new"]);
});

test("of many changes at once none is lost", async () => {
  const { documents } = await setUp();
  const names = Array.from({ length: 8 }, (_, n) => `${n}`);
  await Promise.all(names.map((name) => documents.change(list, ({ value }) => [...value, name])));
  const { value, revision } = await documents.read(list);
  expect([...value].sort()).toEqual(names);
  expect(revision).toBe(8);
});

test("a change that throws changes nothing", async () => {
  const { documents } = await setUp();
  const refused = documents.change(list, () => {
    throw new Error("no");
  });
  await expect(refused).rejects.toThrow("no");
  expect(await documents.read(list)).toEqual({ value: [], revision: 0 });
});

test("a document that this version cannot use is refused, and is neither replaced nor taken as empty", async () => {
  const { documents, store } = await setUp();
  await store.set("list", { of: "a newer version" }, 0);
  const expected = { code: "DOCUMENT_INVALID" };
  await expect(documents.read(list)).rejects.toMatchObject(expected);
  await expect(documents.change(list, () => [])).rejects.toMatchObject(expected);
  expect(await store.get("list")).toEqual({ value: { of: "a newer version" }, revision: 1 });
});

test("a failure of the store is not kept", async () => {
  let fails = true;
  const { documents } = await setUp((inner) => ({
    ...inner,
    get: (name) => (fails ? Promise.reject(new Error("away")) : inner.get(name)),
  }));
  await expect(documents.read(list)).rejects.toThrow("away");
  fails = false;
  expect(await documents.read(list)).toEqual({ value: [], revision: 0 });
});
