import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { offered } from "../../server/test/install/plugin-source.ts";
import { writeDetailed } from "../../server/test/support/details-registry.ts";
import { openAt, openPageServer, type PageServer, withoutChromium } from "./support/page-server.ts";

const examples = path.resolve(import.meta.dirname, "../../../examples/registry");

describe.skipIf(withoutChromium)("the places Registries and Browse", () => {
  let server: PageServer;
  beforeAll(async () => {
    server = await openPageServer();
  });
  const open = (place: string) => openAt(server, place);

  test("an address is tested before it is added; one that leads nowhere stores nothing", async () => {
    const page = await open("/registries");
    await page.getByRole("button", { name: "Add a registry" }).first().click();
    await page.getByLabel("Address").fill("/nowhere/at/all");
    await page.getByRole("button", { name: "Test" }).click();
    await page.getByText("Cannot be used as it is").or(page.getByRole("alert")).first().waitFor();
    await page.getByLabel("Address").fill(examples);
    await page.getByRole("button", { name: "Test" }).click();
    await page.getByText("Can be used").waitFor();
    expect((await server.client.listRegistries({})).registries).toEqual([]);
    await page.getByLabel("Name").fill("Examples");
    await page.getByRole("button", { name: "Add this registry" }).click();
    await page.getByRole("heading", { level: 2, name: "Examples" }).waitFor();
    await page.getByRole("button", { name: "Make it the default" }).click();
    await page.getByText("Default", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Make it the default" }).waitFor();
    await page.context().close();
  });

  test("the address of a registry's badge opens the form with the registry in it, and adds nothing by itself", async () => {
    const ids = async () => (await server.client.listRegistries({})).registries.map(({ id }) => id);
    const before = await ids();
    const page = await open(`/registries?add=${encodeURIComponent(examples)}`);
    expect(await page.getByLabel("Address").inputValue()).toBe(examples);
    await page.getByRole("button", { name: "Test" }).click();
    await page.getByText("Can be used").waitFor();
    await page.getByRole("button", { name: "Add this registry" }).waitFor();
    expect(await ids()).toEqual(before);
    await page.context().close();
  });

  test("a plugin is found as one types, its install is shown first, and its progress survives a reload", async () => {
    const page = await open("/browse");
    await page.getByRole("searchbox", { name: "Name, author or description" }).fill("echo");
    await page.getByText("1 plugin", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Echo" }).click();
    await page.getByRole("button", { name: "Install 1.1.0" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Nothing beyond computing: it asks for no permissions.").waitFor();
    await dialog.getByRole("button", { name: "Install", exact: true }).click();
    await page.reload();
    await page.getByText("Installed 1.1.0").first().waitFor();
    expect(
      (await server.client.getInstalled({ params: { namespace: "echo" as never } })).plugin.version,
    ).toBe("1.1.0");
    await page.context().close();
  });

  test("letters that are typed while the address takes the ones before are kept", async () => {
    const page = await open("/browse");
    const field = page.getByRole("searchbox");
    await field.waitFor();
    await page.evaluate(`(() => {
      const field = document.querySelector("input[type=search]");
      const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
      window.seen = [];
      const stop = __TSR_ROUTER__.history.subscribe(() => {
        stop();
        set.call(field, "echo");
        field.dispatchEvent(new Event("input", { bubbles: true }));
        const look = () => void (seen.push(field.value), seen.length < 500 && requestAnimationFrame(look));
        look();
      });
    })()`);
    await field.fill("ech");
    await page.waitForURL(/q=echo$/);
    expect(new Set((await page.evaluate("seen")) as string[])).toEqual(new Set(["echo"]));
    await page.context().close();
  });

  test("plugins are found by what they ask for, where a signed registry says it", async () => {
    const folder = path.join(server.data, "saying");
    const plugins = {
      asking: { versions: { "1.0.0": { permissions: { net: ["example.org"] } } } },
      computing: { versions: { "1.0.0": { permissions: {} } } },
    };
    const offers = Object.keys(plugins).map((namespace) => offered(namespace, ["1.0.0"]));
    await writeDetailed(folder, offers, { plugins });
    const body = { name: "Saying", provider: "local", path: folder, refresh: true } as const;
    await server.client.createRegistry({ body });
    const page = await open("/browse");
    const link = (name: string) => page.getByRole("link", { name });
    await link("Echo").waitFor();
    await page.getByLabel("What they ask for").selectOption("Asks for the network");
    await link("Echo").waitFor({ state: "detached" });
    await link("The asking plugin").waitFor();
    expect(await link("The computing plugin").count()).toBe(0);
    expect(new URL(page.url()).search).toBe("?asks=net");
    await page.getByRole("searchbox").fill("no such plugin");
    await page.getByText("Only signed registries say what their plugins ask for.").waitFor();
    await page.getByRole("button", { name: "Clear the filters" }).click();
    await link("Echo").waitFor();
    await page.context().close();
  });

  test("updates are shown with what they grant before they begin, and an install from the list of versions too", async () => {
    const namespace = "echo" as never;
    const { plugin } = await server.client.getInstalled({ params: { namespace } });
    const page = await open("/plugins/echo?part=versions");
    await page.getByRole("button", { name: "Install 1.0.0" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Nothing beyond computing: it asks for no permissions.").waitFor();
    await dialog.getByRole("button", { name: "Downgrade" }).click();
    await page.getByRole("button", { name: "Install 1.1.0" }).waitFor();
    expect(plugin.version).toBe("1.1.0");
    await page.goto(`${server.address}/plugins`);
    await page.getByRole("button", { name: "Update Echo" }).click();
    await page.getByRole("dialog").getByText("Echo 1.0.0 → 1.1.0").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Update", exact: true }).click();
    await page.getByText("echo: updated").waitFor();
    expect((await server.client.getInstalled({ params: { namespace } })).plugin.version).toBe("1.1.0");
    await page.context().close();
  });

  test("a prerelease is offered in the list of versions, and not by the button of a plugin", async () => {
    const page = await open("/browse/title-cleaner");
    await page.getByRole("button", { name: "Install 2.0.0-beta.1" }).waitFor();
    const buttons = await page.getByRole("main").getByRole("button").allTextContents();
    expect(buttons[0]).toBe("Install 1.0.0");
    await page.context().close();
  });

  test("a version that does not load says why it cannot be installed", async () => {
    const { items } = await server.client.searchAvailable({ query: { q: "Broken on purpose" } });
    const page = await open(`/browse/${items[0]?.namespace}`);
    await page
      .getByRole("button", { name: /^Install / })
      .first()
      .click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("alert").first().waitFor();
    expect(await dialog.getByRole("button", { name: "Install", exact: true }).isDisabled()).toBe(true);
    await page.context().close();
  });

  test("a registry whose index is bad shows its fault in place, and what its removal would orphan is named", async () => {
    const folder = path.join(server.library, "..", "bad");
    await mkdir(folder);
    await writeFile(path.join(folder, "registry.json"), "{");
    await server.client.createRegistry({
      body: { name: "Bad", provider: "local", path: folder, refresh: true },
    });
    const page = await open("/registries");
    const registry = (name: string) =>
      page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });
    const bad = registry("Bad");
    await bad.getByText("INDEX_INVALID").waitFor();
    await registry("Examples").getByRole("button", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("1 plugin stays installed and gets no more updates: Echo.").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.context().close();
  });
});
