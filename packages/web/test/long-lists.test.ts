import type { Route } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { fillStore } from "../bench/large-server.ts";
import { count, scroll } from "../bench/scroll.ts";
import { openAt, openPageServer, type PageServer, withoutChromium } from "./support/page-server.ts";

/** Enough that a list has many pages. */
const MANY = 3000;
/** More rows than fit in any window, and far fewer than the lists have. */
const MOST_ROWS = 200;

describe.skipIf(withoutChromium)("a long list", () => {
  let server: PageServer;
  beforeAll(async () => {
    server = await openPageServer();
    await server.kill();
    await fillStore(server.data, { archives: MANY, entries: MANY });
    await server.again();
  });

  test.each(["/library", "/library?view=list", "/activity?tab=history"])(
    "%s draws only the rows in view while it is scrolled, and nothing jumps",
    async (place) => {
      const page = await openAt(server, place);
      await page.locator("[data-index]").first().waitFor();
      const { shift, moved, rows } = await scroll(page);
      expect({ shift, moved }).toEqual({ shift: 0, moved: [] });
      expect(rows).toBeGreaterThan(0);
      expect(rows).toBeLessThanOrEqual(MOST_ROWS);
      await page.context().close();
    },
  );

  test("does not move when the count of the library's problems comes late", async () => {
    const page = await openAt(server, "/activity");
    const late = new Promise<Route>((resolve) => void page.route("**/api/library/problems", resolve));
    await page.goto(`${server.address}/library?view=list`);
    await page.locator("[data-index]").first().waitFor();
    const end = await count(page);
    await (await late).continue();
    await page.locator("a[href='/library/problems']").waitFor();
    const { shift, moved } = await end();
    expect({ shift, moved }).toEqual({ shift: 0, moved: [] });
    await page.context().close();
  });
});
