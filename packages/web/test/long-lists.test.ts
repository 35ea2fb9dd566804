import { beforeAll, describe, expect, test } from "vitest";
import { fillStore } from "../bench/large-server.ts";
import { scroll } from "../bench/scroll.ts";
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
      const { shift, rows } = await scroll(page);
      expect(shift).toBe(0);
      expect(rows).toBeGreaterThan(0);
      expect(rows).toBeLessThanOrEqual(MOST_ROWS);
      await page.context().close();
    },
  );
});
