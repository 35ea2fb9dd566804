import { expect, test } from "vitest";
import { measurePage } from "../../../scripts/measure-page.mjs";

const KIB = 1024;

test("the first view is at most 180 KiB of script and style as they are sent, the whole page 350 KiB", () => {
  const { first, all, chunks } = measurePage();
  expect(first.bytes, first.files.join(", ")).toBeLessThanOrEqual(180 * KIB);
  expect(all.bytes).toBeLessThanOrEqual(350 * KIB);
  for (const page of ["home", "plugins", "plugin", "browse", "registries", "library", "activity", "server"])
    expect(chunks, page).toContain(page);
});
