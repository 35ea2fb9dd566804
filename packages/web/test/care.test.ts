import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  addExampleRegistry,
  installPlugin,
  keepPicture,
  openPage,
  openPageServer,
  type PageServer,
  signIn,
  troublesOf,
  withoutChromium,
} from "./support/page-server.ts";

const places = [
  "/",
  "/welcome",
  "/plugins",
  "/plugins/missing-tags",
  "/plugins/comic-info?part=settings",
  "/plugins/comic-info?part=policy",
  "/plugins/comic-info?part=try",
  "/plugins/comic-info?part=log",
  "/plugins/missing-tags?part=network",
  "/plugins/missing-tags?part=versions",
  "/server/health",
  "/server/settings",
  "/server/policy",
  "/server/keys",
  "/server/sessions",
  "/server/notifications",
  "/server/backup",
  "/server/appearance",
  "/server/about",
  "/plugins/nothing/below",
];

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe finds wrong, with the elements. */
const violationsOf = async (page: Page, axe: string): Promise<string[]> => {
  // The policy of the page forbids scripts of a test in the document; the debugger's own are not of the document.
  await page.evaluate(axe);
  const { violations } = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })",
  )) as { violations: Violation[] };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
  );
};

/** Shows an address without loading the page again, and waits until nothing is asked for. */
const show = async (page: Page, server: PageServer, place: string): Promise<void> => {
  await page.goto(`${server.address}${place}`);
  await page.locator("[data-page-title]").waitFor();
  await vi.waitFor(async () => expect(await page.locator(".mantine-Loader-root").count()).toBe(0));
};

const isWide = (page: Page) => page.evaluate("document.documentElement.scrollWidth > window.innerWidth");
const nameOf = (place: string) => place.replace(/[^a-z]+/g, "-").replace(/^-|-$/g, "") || "home";

describe.skipIf(withoutChromium)("every page", () => {
  let server: PageServer;
  let axe: string;
  beforeAll(async () => {
    server = await openPageServer();
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const registry = await addExampleRegistry(server);
    for (const namespace of ["missing-tags", "title-cleaner"])
      await installPlugin(server, namespace, registry);
    for (const namespace of ["comic-info", "filename-parse"])
      await server.client.configurePlugin({
        params: { namespace: namespace as never },
        body: { enabled: true },
      });
  });

  test.each(["light", "dark"] as const)(
    "has nothing that axe finds wrong, nor a refused content, in %s",
    async (scheme) => {
      const page = await openPage(server, { scheme });
      await page.locator("input[name=key]").waitFor();
      expect(await violationsOf(page, axe)).toEqual([]);
      const troubles = troublesOf(page);
      await signIn(page);
      for (const place of places) {
        await show(page, server, place);
        expect(await violationsOf(page, axe), place).toEqual([]);
        await keepPicture(page, `${nameOf(place)}-${scheme}-1280`);
      }
      for (const key of ["?", "/"]) {
        await page.keyboard.press(key);
        await page.getByRole("dialog").waitFor();
        expect(await violationsOf(page, axe), key).toEqual([]);
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
      }
      expect(troubles).toEqual([]);
      await page.context().close();
    },
  );

  test.each([
    ["a phone", 390, "en"],
    ["a phone with long words", 390, "long"],
    ["a window at 200 %", 640, "en"],
    ["a phone in Japanese", 390, "ja"],
    ["a phone in Chinese", 390, "zh"],
  ])("does not scroll sideways on %s", async (_screen, width, language) => {
    const page = await openPage(server, { width });
    await signIn(page);
    await page.evaluate(`localStorage.setItem("hitagi-language", ${JSON.stringify(language)})`);
    for (const place of places) {
      await show(page, server, place);
      expect(await isWide(page), place).toBe(false);
      if (language === "en") await keepPicture(page, `${nameOf(place)}-light-${width}`);
    }
    await page.context().close();
  });
});
