import { expect, test } from "vitest";
import { MAX_DOCUMENT_BYTES } from "../../../src/store/contract/documents.ts";
import { fresh, type OpenStore, upTo } from "./open.ts";

export const documentContract = (open: OpenStore): void => {
  test("a document of any JSON is read back as it was set", async () => {
    const { store, reopen } = await fresh(open);
    const values = [{ a: [1, "名 \ud800", { "": null }] }, [], "", 0, false, null];
    for (const [n, value] of values.entries())
      expect(await store.documents.set(`one-${n}`, value, 0)).toBe(1);
    const again = await reopen();
    for (const [n, value] of values.entries())
      expect(await again.documents.get(`one-${n}`)).toEqual({ value, revision: 1 });
    expect(await again.documents.get("none")).toBeUndefined();
  });

  test("of many changes of one revision at once, one is made", async () => {
    const { store } = await fresh(open);
    const added = await Promise.all(upTo(20).map((n) => store.documents.set("a", n, 0)));
    expect(added.filter((revision) => revision !== undefined)).toEqual([1]);
    const changed = await Promise.all(upTo(20).map((n) => store.documents.set("a", { n }, 1)));
    expect(changed.filter((revision) => revision !== undefined)).toEqual([2]);
    expect(await store.documents.get("a")).toEqual({ value: { n: changed.indexOf(2) }, revision: 2 });
  });

  test("a document that is missing is not changed", async () => {
    const { store } = await fresh(open);
    expect(await store.documents.set("a", 1, 1)).toBeUndefined();
    expect(await store.documents.get("a")).toBeUndefined();
  });

  test("a document of the largest size is stored, and a larger one is refused", async () => {
    const { store } = await fresh(open);
    const largest = "é".repeat((MAX_DOCUMENT_BYTES - 2) / 2);
    expect(await store.documents.set("a", largest, 0)).toBe(1);
    await expect(store.documents.set("a", `${largest}x`, 1)).rejects.toMatchObject({
      code: "DOCUMENT_TOO_LARGE",
    });
    expect(await store.documents.get("a")).toEqual({ value: largest, revision: 1 });
  });
};
