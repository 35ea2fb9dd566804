import { expect, test } from "vitest";
import { openLibrary } from "./open-library.ts";

test("names and searches of categories are stored composed, on one line and without U+FFFD", async () => {
  const { categories } = (await openLibrary()).library;
  const given = { name: " Se\u0301rie\n\ufffd1 ", search: "artist:cafe\u0301\ufffd", pinned: true };
  const id = await categories.create(given);
  expect(await categories.get(id)).toMatchObject({ name: "S\u00e9rie 1", search: "artist:caf\u00e9" });
  await categories.update(id, { name: "Cafe\u0301", search: "" });
  expect(await categories.get(id)).toMatchObject({ name: "Caf\u00e9", search: "", pinned: true });
});
