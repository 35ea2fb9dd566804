import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { addComics } from "./support/comics.ts";
import { hasFocus, tabTo } from "./support/means.ts";
import {
  addExampleRegistry,
  KEY,
  openPage,
  openPageServer,
  type PageServer,
  withoutChromium,
} from "./support/page-server.ts";

const press = async (page: Page, target: Locator, key = "Enter"): Promise<void> => {
  await tabTo(page, target);
  await page.keyboard.press(key);
};

/** Goes to a place by its two keys. Its title then has the focus. */
const goTo = async (page: Page, letter: string, title: string): Promise<void> => {
  await page.keyboard.press("g");
  await page.keyboard.press(letter);
  const heading = page.getByRole("heading", { level: 1, name: title, exact: true });
  await heading.waitFor();
  await vi.waitFor(async () => expect(await hasFocus(heading)).toBe(true));
};

describe.skipIf(withoutChromium)("with the keyboard alone one", () => {
  let server: PageServer;
  let archive: string;
  let page: Page;
  beforeAll(async () => {
    server = await openPageServer();
    [archive = ""] = await addComics(server, ["Alpha", "Beta"]);
    await addExampleRegistry(server);
    page = await openPage(server);
  });

  const installedVersion = async (namespace: string) =>
    (await server.client.listInstalled({})).plugins.find((one) => one.namespace === namespace)?.version;

  test("signs in", async () => {
    await page.locator("input[name=key]:focus").waitFor();
    await page.keyboard.type(KEY);
    await page.keyboard.press("Enter");
    await page.locator("[data-page-title]").waitFor();
  });

  test("finds a plugin, reads what its install does, and installs it", async () => {
    await goTo(page, "b", "Browse");
    await tabTo(page, page.getByRole("searchbox"));
    await page.keyboard.type("echo");
    await page.getByText("1 plugin", { exact: true }).waitFor();
    await press(page, page.getByRole("link", { name: "Echo" }));
    await press(page, page.getByRole("button", { name: "Install 1.1.0" }).first());
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Nothing beyond computing: it asks for no permissions.").waitFor();
    await press(page, dialog.getByRole("button", { name: "Install", exact: true }));
    await page.getByText("Installed 1.1.0").first().waitFor();
    expect(await installedVersion("echo")).toBe("1.1.0");
  });

  test("enables two plugins, orders them, and takes the order back", async () => {
    const order = async () => (await server.client.getChain({})).steps.map(({ plugin }) => plugin);
    await goTo(page, "p", "Plugins");
    for (const name of ["ComicInfo.xml", "Filename parsing"])
      await press(page, page.getByRole("switch", { name: `${name} runs on new archives` }), "Space");
    const list = page.getByRole("list", { name: "Order on archives" });
    await vi.waitFor(async () => expect(await list.getByRole("listitem").count()).toBe(2));
    const before = await order();
    await goTo(page, "h", "Home");
    await goTo(page, "p", "Plugins");
    await press(page, list.getByRole("link").first(), "Alt+ArrowDown");
    // What can be undone is known to the page with the server's answer, and not when the server has changed.
    await page.getByText("is number 2 now").waitFor();
    expect(await order()).toEqual([...before].reverse());
    await page.keyboard.press("Control+z");
    await vi.waitFor(async () => expect(await order()).toEqual(before));
  });

  test("sets when a plugin of the chain runs", async () => {
    const when = async () => (await server.client.getChain({})).steps[0]?.when;
    const form = page.getByRole("form", { name: /^Conditions of/ });
    await press(page, page.getByRole("button", { name: /^Conditions of/ }).first());
    await press(page, form.getByRole("checkbox", { name: /^Only if no plugin before it/ }), "Space");
    await tabTo(page, form.getByLabel("Only with one of these tags"));
    await page.keyboard.type("artist:*,");
    await press(page, form.getByRole("button", { name: "Save" }));
    await form.waitFor({ state: "detached" });
    expect(await when()).toEqual({ nothing_found: true, tagged: ["artist:*"] });
    await page.keyboard.press("Control+z");
    await vi.waitFor(async () => expect(await when()).toEqual({}));
  });

  test("runs a plugin on a chosen archive, and undoes the run", async () => {
    const tags = async () => (await server.client.getArchiveMetadata({ params: { id: archive } })).tags;
    await goTo(page, "l", "Library");
    await press(page, page.getByRole("checkbox", { name: "Choose Alpha" }), "Space");
    await press(page, page.getByRole("button", { name: "Run on 1 archive" }));
    const dialog = page.getByRole("dialog");
    await tabTo(page, dialog.getByLabel("What runs"));
    await page.keyboard.type("ComicInfo");
    await press(page, dialog.getByRole("button", { name: "Run on 1 archive", exact: true }));
    await page.getByText("1 archive changed.").waitFor();
    expect(await tags()).toContain("Ann of #111111");
    await page.keyboard.press("Control+z");
    await vi.waitFor(async () => expect(await tags()).toBe(""));
  });

  test("uninstalls a plugin, and takes that back", async () => {
    await page.keyboard.press("/");
    const box = page.getByRole("combobox", { name: "Search" });
    await vi.waitFor(async () => expect(await hasFocus(box)).toBe(true));
    await page.keyboard.type("echo");
    await page.getByRole("option", { name: /Echo/ }).first().waitFor();
    await page.keyboard.press("Enter");
    await press(page, page.getByRole("button", { name: "Uninstall" }));
    await page.getByRole("heading", { level: 1, name: "Plugins", exact: true }).waitFor();
    await page.getByText("was removed; its settings are kept").waitFor();
    expect(await installedVersion("echo")).toBeUndefined();
    await page.keyboard.press("Control+z");
    await page.getByRole("link", { name: "Echo" }).first().waitFor();
    expect(await installedVersion("echo")).toBe("1.1.0");
    await page.context().close();
  });
});
