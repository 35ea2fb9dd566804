import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { offered } from "../../server/test/install/plugin-source.ts";
import { noPerl } from "../../server/test/runtimes/perl/fixture.ts";
import { writeRegistry } from "../../server/test/support/registry-fixture.ts";
import { tempFolder } from "../../server/test/support/temp-folder.ts";
import {
  addExampleRegistry,
  installPlugin,
  openAt,
  openPageServer,
  type PageServer,
  withoutChromium,
} from "./support/page-server.ts";

/** What a page previews from now on, by namespace. A preview loads the file of a plugin; an event asks again for one that is shown. */
const previewsOf = (page: Page): ReadonlySet<string> => {
  const asked = new Set<string>();
  page.on("request", (request) => {
    if (!request.url().endsWith("/preview")) return;
    const { namespace, namespaces = [namespace] } = request.postDataJSON();
    asked.add(`${new URL(request.url()).pathname} ${namespaces.join()}`);
  });
  return asked;
};

describe.skipIf(withoutChromium)("each button that installs shows first what an install does", () => {
  let server: PageServer;
  let registry: string;
  beforeAll(async () => {
    server = await openPageServer();
    registry = await addExampleRegistry(server);
  });
  const open = (place: string) => openAt(server, place);
  const versionOf = async (namespace: string) =>
    (await server.client.listInstalled({})).plugins.find((one) => one.namespace === namespace)?.version;
  /** What was asked of the server to install so far. */
  const jobs = async () => (await server.client.listJobs({ query: { size: 1 } })).total;

  /** Presses a button, reads the dialog that it opens, and goes on there. */
  const installBy = async (page: Page, button: string, permissions: string, goOn: RegExp) => {
    const before = await jobs();
    await page.getByRole("button", { name: button, exact: true }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(permissions).waitFor();
    expect(await jobs()).toBe(before);
    await dialog.getByRole("button", { name: goOn }).click();
    await dialog.waitFor({ state: "detached" });
  };
  const nothing = "Nothing beyond computing: it asks for no permissions.";

  test("in the first steps, which load no plugin before it is chosen", async () => {
    const page = await open("/");
    const previews = previewsOf(page);
    await page.goto(`${server.address}/welcome`);
    // What no runtime runs here is not offered, such as a plugin in Perl by a server without `--perl`.
    await page.getByRole("button", { name: "Install Page count" }).waitFor();
    expect(await page.getByRole("button", { name: "Install Info file" }).count()).toBe(0);
    expect([...previews]).toEqual([]);
    await installBy(page, "Install Page count", "It may", /^Install$/);
    expect([...previews]).toEqual(["/api/plugins/preview page-count"]);
    await page.getByRole("link", { name: "Go to Home" }).waitFor();
    expect(await versionOf("page-count")).toBe("1.0.0");
    await page.context().close();
  });

  test("on a plugin's page, and beside an update", async () => {
    await installPlugin(server, "echo", registry, "1.1.0");
    const page = await open("/");
    const previews = previewsOf(page);
    await page.goto(`${server.address}/browse/echo`);
    await page.getByRole("heading", { name: "Echo" }).waitFor();
    await page.goto(`${server.address}/plugins/echo?part=versions`);
    await page.getByRole("button", { name: "Install 1.0.0", exact: true }).waitFor();
    expect([...previews]).toEqual([]);
    await installBy(page, "Install 1.0.0", nothing, /^Downgrade/);
    await page.getByRole("button", { name: "Install 1.1.0", exact: true }).waitFor();
    expect(await versionOf("echo")).toBe("1.0.0");
    await page.goto(`${server.address}/plugins`);
    await page.getByRole("button", { name: "Update Echo" }).waitFor();
    expect([...previews]).toEqual(["/api/plugins/preview echo"]);
    await installBy(page, "Update Echo", "Echo 1.0.0 → 1.1.0", /^Update$/);
    await page.getByRole("button", { name: "Update Echo" }).waitFor({ state: "detached" });
    expect(await versionOf("echo")).toBe("1.1.0");
    await page.context().close();
  });

  test("what an update may do that the version before may not is said in words", async () => {
    await installPlugin(server, "missing-tags", registry, "1.0.0");
    const page = await open("/plugins");
    await installBy(page, "Update Missing tags", "change metadata in the library", /^Update$/);
    await page.context().close();
  });

  test("with the plugins that come with it, and what these ask for", async () => {
    const folder = path.join(server.data, "needing");
    await writeRegistry(folder, [
      offered("needing", ["1.0.0"], { requires: { plugins: { needed: "^1.0.0" } } }),
      offered("needed", ["1.0.0"], { permissions: { net: ["needed.example.org"] } }),
    ]);
    const body = { name: "Needing", provider: "local", path: folder, refresh: true } as const;
    await server.client.createRegistry({ body });
    const page = await open("/browse/needing");
    await page.getByRole("button", { name: "Install 1.0.0" }).first().click();
    const dialog = page.getByRole("dialog");
    // A warning names it too: nothing in it uses what it asks for.
    await dialog.getByText("needed 1.0.0").first().waitFor();
    await dialog
      .getByText(/needed\.example\.org/)
      .first()
      .waitFor();
    await dialog.getByRole("button", { name: "Install", exact: true }).click();
    await page.getByText("Installed 1.0.0").first().waitFor();
    expect(await versionOf("needed")).toBe("1.0.0");
    await page.context().close();
  });
});

test.skipIf(withoutChromium || noPerl)(
  "the preview names the plugins whose functions a plugin calls",
  async () => {
    const folder = await tempFolder();
    const called = "LANraragi::Plugin::Metadata::EHentai";
    await writeFile(
      path.join(folder, "Caller.pm"),
      `package LANraragi::Plugin::Scripts::Caller;
sub plugin_info { return (name => "Caller", type => "script", namespace => "caller", version => "1.0.0", author => "me") }
sub run_script { return (tags => ${called}::get_tags_from_EH(1)) }
1;`,
    );
    const server = await openPageServer({ HITAGI_PERL: "1" });
    const { id } = await server.client.createRegistry({
      body: { name: "Scripts", provider: "local", path: folder, generateIndex: true },
    });
    await server.client.refreshRegistry({ params: { id } });
    const page = await openAt(server, "/browse/caller");
    await page.getByRole("button", { name: "Install 1.0.0", exact: true }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("It calls", { exact: true }).waitFor();
    await dialog.getByText(called, { exact: true }).waitFor();
    await page.context().close();
  },
);
