import { appendFile, readFile, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import path from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { makeAuthority } from "../../server/test/support/authority.ts";
import { blockKey, blockListFile } from "../../server/test/support/block-list.ts";
import { httpServer, httpsServer } from "../../server/test/support/http-server.ts";
import { tempFolder } from "../../server/test/support/temp-folder.ts";
import { seedOf } from "../../trust/test/fixture.ts";
import {
  installPlugin,
  keepPicture,
  openAt,
  openPage,
  openPageServer,
  type PageServer,
  signIn,
  withoutChromium,
} from "./support/page-server.ts";
import { signedFolder } from "./support/signed-folder.ts";

const thief = { recoveryOf: seedOf("thief"), signingSeeds: [seedOf("thief's")] };

describe.skipIf(withoutChromium)("trust on the page", () => {
  let server: PageServer;
  beforeAll(async () => {
    server = await openPageServer();
  });
  const open = (place: string) => openAt(server, place);
  /** A signed registry that the server follows. */
  const followed = async (name: string) => {
    const origin = `example.org/${name}`;
    const { folder, publish } = await signedFolder(path.join(await tempFolder(), name));
    await publish({ origin });
    const { id } = await server.client.createRegistry({
      body: { name, provider: "local", path: folder, refresh: true },
    });
    return {
      id,
      folder,
      publish: (edition: Parameters<typeof publish>[0] = {}) => publish({ origin, ...edition }),
      refresh: () => server.client.refreshRegistry({ params: { id } }),
      remove: () => server.client.deleteRegistry({ params: { id } }),
    };
  };

  test("whose keys a registry has is shown and compared before it is added", async () => {
    const { folder, publish } = await signedFolder(path.join(await tempFolder(), "added"));
    await publish({ origin: "example.org/added" });
    const { identity } = (await server.client.testRegistry({ body: { address: folder } })).found;
    const page = await open("/registries");
    await page.getByRole("button", { name: "Add a registry" }).first().click();
    const add = page.getByRole("button", { name: "Add this registry" });
    const tested = async (address: string) => {
      await page.getByLabel("Address").fill(address);
      await page.getByRole("button", { name: "Test" }).click();
      await page.getByText("example.org/added", { exact: true }).waitFor();
    };
    await tested(folder);
    expect((await page.locator("ol li").allTextContents()).join(" ")).toBe(identity?.words);
    const published = page.getByLabel("What the keeper published");
    await published.fill("0".repeat(64));
    await page.getByText("It is another key: do not go on").waitFor();
    expect(await add.isDisabled()).toBe(true);
    await published.fill(identity?.words ?? "");
    await page.getByText("It is the same key").waitFor();
    await tested(`${folder}#key=${"a".repeat(64)}`);
    await page.getByText("It is another key: do not go on").waitFor();
    expect(await add.isDisabled()).toBe(true);
    await tested(`${folder}#key=${identity?.fingerprint}`);
    await page.getByText("It is the same key").waitFor();
    await keepPicture(page, "add-signed-registry");
    await add.click();
    await page.getByRole("link", { name: "added", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "added" }).waitFor();
    await page.getByText("Number 1 of epoch 1").waitFor();
    const { registries } = await server.client.listRegistries({});
    expect(registries).toMatchObject([{ trust: { state: "signed", fingerprint: identity?.fingerprint } }]);
    await server.client.deleteRegistry({ params: { id: registries[0]?.id ?? "" } });
    await page.context().close();
  });

  test("heads are compared; one that contradicts becomes evidence, on Home too, and is saved as a file", async () => {
    const registry = await followed("compared");
    const first = await readFile(path.join(registry.folder, "registry.head"), "utf8");
    await registry.publish();
    await registry.refresh();
    const page = await open(`/registries/${registry.id}`);
    await page.getByText("None: this server saw no heads that contradict each other.").waitFor();
    const compare = async (head: string) => {
      await page.getByLabel("The other head").fill(head);
      await page.getByRole("button", { name: "Compare", exact: true }).click();
    };
    await compare(first);
    await page.getByText("Behind: the other one sees an earlier head").waitFor();
    await compare("no head");
    await page.getByText("HEAD_INVALID").waitFor();
    const other = await (await signedFolder(path.join(await tempFolder(), "fork"))).publish({
      origin: "example.org/compared",
      versions: ["6.6.6"],
      sequence: 2,
    });
    await compare(other);
    await page.getByText("Forked: you and the other one").waitFor();
    await page.getByText("Two heads of the same number").waitFor();
    await keepPicture(page, "registry-forked");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as a file" }).click(),
    ]);
    expect(await readFile(await download.path(), "utf8")).toContain(other);
    await page.goto(server.address);
    await page.getByText("compared shows different registries to different servers").waitFor();
    await registry.remove();
    await page.context().close();
  });

  test("another key is refused with what to do, and taken only by the owner's word, with both keys shown", async () => {
    const registry = await followed("repinned");
    const before = (await server.client.getRegistry({ params: { id: registry.id } })).registry.trust;
    await registry.publish(thief);
    await registry.refresh().catch(() => {});
    const page = await open("/registries");
    await page.getByText("RECOVERY_KEY_CHANGED").waitFor();
    await page.getByText("This is an attack, or the keeper lost the paper key.").waitFor();
    await page.getByRole("link", { name: "Look at the key that it shows now" }).click();
    await page.getByRole("button", { name: "Look at the key that it shows now" }).click();
    await page.getByRole("heading", { name: "Shown now" }).waitFor();
    const shown = (await server.client.readRegistryKeys({ params: { id: registry.id } })).found;
    for (const key of [before?.fingerprint, shown?.fingerprint])
      await page
        .getByText(key ?? "")
        .first()
        .waitFor();
    await keepPicture(page, "registry-other-key");
    await page.getByRole("button", { name: "Trust the shown key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("From then on only the shown key counts").waitFor();
    await dialog.getByRole("button", { name: "Trust the shown key" }).click();
    await page.getByText("repinned is held to the shown key now.").waitFor();
    const { registry: after } = await server.client.getRegistry({ params: { id: registry.id } });
    expect(after.trust?.fingerprint).toBe(shown?.fingerprint);
    await registry.remove();
    await page.context().close();
  });

  test("a move is offered, not followed where no such registry is, and declined", async () => {
    const { folder, publish } = await signedFolder(path.join(await tempFolder(), "moved"));
    const url = await httpServer((request, response) => {
      readFile(path.join(folder, path.basename(request.url ?? ""))).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    const address = "https://127.0.0.1:1/plugins";
    await publish({ origin: "example.org/moved", movedTo: address });
    const { id } = await server.client.createRegistry({
      body: { name: "moved", provider: "cdn", url, refresh: true },
    });
    const page = await open("/");
    await page.getByText("moved has moved").waitFor();
    await page.getByText(address).waitFor();
    await page.getByRole("button", { name: "Follow it there" }).click();
    await page.getByRole("alert").waitFor();
    const registry = async () => (await server.client.getRegistry({ params: { id } })).registry;
    expect((await registry()).url).toBe(url);
    await page.goto(`${server.address}/registries/${id}`);
    await page.getByRole("button", { name: "Stay here" }).click();
    await page.getByText("moved stays where it is.").waitFor();
    expect((await registry()).trust?.movedTo).toBeUndefined();
    await server.client.deleteRegistry({ params: { id } });
    await page.context().close();
  });

  test("a move is followed where the same keys are, and taken back", async () => {
    const authority = await makeAuthority();
    const caFile = path.join(await tempFolder(), "ca.pem");
    await writeFile(caFile, authority.ca);
    const moving = await openPageServer({ HITAGI_CA_FILE: caFile });
    const { folder, publish } = await signedFolder(path.join(await tempFolder(), "followed"));
    const serve: RequestListener = (request, response) => {
      readFile(path.join(folder, path.basename(request.url ?? ""))).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    };
    const [here, there] = await Promise.all([httpServer(serve), httpsServer(authority, serve)]);
    await publish({ origin: "example.org/followed", movedTo: there });
    const { id } = await moving.client.createRegistry({
      body: { name: "followed", provider: "cdn", url: here, refresh: true },
    });
    const url = async () => (await moving.client.getRegistry({ params: { id } })).registry.url;
    const page = await openPage(moving);
    await signIn(page);
    await page.getByText("followed has moved").waitFor();
    await page.getByRole("button", { name: "Follow it there" }).click();
    await page.getByText("followed has moved").waitFor({ state: "detached" });
    expect(await url()).toContain(there);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("followed has moved").waitFor();
    expect(await url()).toContain(here);
    await page.context().close();
  });

  test("a changed file is put back from Home, and each plugin says how far it is vouched for", async () => {
    const registry = await followed("files");
    await installPlugin(server, "echo", registry.id);
    const page = await open("/plugins/echo");
    await page.getByText("Its registry's keeper signed this file.").waitFor();
    const { plugin } = await server.client.getInstalled({ params: { namespace: "echo" as never } });
    await appendFile(path.join(server.data, "plugins", plugin.path ?? ""), "\n// changed\n");
    await server.client.verifyPlugins({});
    await page.goto(server.address);
    await page.getByText("The file of The echo plugin was changed").waitFor();
    await page.getByRole("button", { name: "Put back" }).click();
    await page.getByText("The installed file of The echo plugin is back").waitFor();
    await page.getByText("The file of The echo plugin was changed").waitFor({ state: "detached" });
    await page.goto(`${server.address}/plugins`);
    await page.getByText("It is part of Hitagi.").first().waitFor();
    await page.getByText("Its registry's keeper signed this file.").waitFor();
    await server.client.uninstallPlugin({ params: { namespace: "echo" as never } });
    await registry.remove();
    await page.context().close();
  });

  test("a block list is followed, names an installed plugin, and each step is undone", async () => {
    const registry = await followed("blocked");
    await installPlugin(server, "echo", registry.id);
    const web = { status: 404, text: blockListFile(1, ["block namespace echo it steals <b>sessions</b>"]) };
    const address = await httpServer((_, response) => response.writeHead(web.status).end(web.text));
    const page = await open("/server/blocks");
    await page.getByLabel("Name").fill("community");
    await page.getByLabel("Address").fill(`${address}/blocks.txt`);
    await page.getByLabel("Key (optional)").fill(blockKey());
    await page.getByRole("button", { name: "Follow" }).click();
    await page.getByText("Never loaded: nothing is installed").waitFor();
    await keepPicture(page, "block-list-never-loaded");
    await page.goto(server.address);
    await page.getByText("The block list community was never loaded").waitFor();
    await page.goto(`${server.address}/server/blocks`);
    web.status = 200;
    await page.getByRole("button", { name: "Load now" }).click();
    await page.getByText("it steals <b>sessions</b>").waitFor();
    const trust = async () =>
      (await server.client.getInstalled({ params: { namespace: "echo" as never } })).plugin.trust.state;
    expect(await trust()).toBe("blocked");
    await keepPicture(page, "block-list");
    await page.getByRole("button", { name: "Allow echo all the same" }).click();
    await page.getByRole("button", { name: "Let the lists count for echo" }).waitFor();
    expect(await trust()).toBe("signed");
    await page.getByRole("button", { name: "Let the lists count for echo" }).click();
    await page.getByRole("button", { name: "Allow echo all the same" }).waitFor();
    await page.goto(server.address);
    await page.getByText("The echo plugin is blocked").waitFor();
    await page.goto(`${server.address}/server/blocks`);
    await page.getByRole("button", { name: "Remove community" }).click();
    await page.getByText("You follow no block list").waitFor();
    await vi.waitFor(async () => expect(await trust()).toBe("signed"));
    await server.client.uninstallPlugin({ params: { namespace: "echo" as never } });
    await registry.remove();
    await page.context().close();
  });

  test("the rules for installs are changed and undone, and another browser sees it", async () => {
    const registry = await followed("ruled");
    const [page, other] = await Promise.all([open("/server/installs"), open("/server/installs")]);
    const age = (of: typeof page) => of.getByLabel("Wait before an update");
    await age(page).selectOption({ label: "3 days" });
    await vi.waitFor(async () => expect(await age(other).inputValue()).toBe("72"));
    await page.getByRole("button", { name: "Undo" }).first().click();
    await vi.waitFor(async () => expect(await age(other).inputValue()).toBe("24"));
    await page.getByLabel("A plugin or registry").selectOption({ label: "All of ruled" });
    await page.getByRole("button", { name: "Add an exception" }).click();
    await other.getByLabel("Wait of ruled").waitFor();
    const rules = async () => {
      const { age: ages, types, registries } = await server.client.getInstallPolicy({});
      return { exceptions: ages.exceptions, types, registries };
    };
    expect((await rules()).exceptions).toMatchObject([{ kind: "registry", id: registry.id, hours: 0 }]);
    await page.getByRole("button", { name: "Remove the exception of ruled" }).click();
    await other.getByLabel("Wait of ruled").waitFor({ state: "detached" });
    await page.getByRole("switch", { name: "Script", exact: true }).press("Space");
    await vi.waitFor(async () => expect((await rules()).types).toEqual(["metadata", "download", "login"]));
    await page.getByRole("switch", { name: "Script", exact: true }).press("Space");
    await vi.waitFor(async () => expect((await rules()).types).toBeNull());
    await page.getByRole("switch", { name: "Every registry", exact: true }).press("Space");
    await page.getByRole("switch", { name: "From ruled" }).press("Space");
    await vi.waitFor(async () => expect((await rules()).registries).toEqual([]));
    await page.getByRole("switch", { name: "Every registry", exact: true }).press("Space");
    await vi.waitFor(async () => expect((await rules()).registries).toBeNull());
    await page.getByRole("switch", { name: "ruled must be signed" }).press("Space");
    await vi.waitFor(async () =>
      expect((await server.client.getSignaturePolicy({})).registries).toEqual([registry.id]),
    );
    await keepPicture(page, "installs");
    await registry.remove();
    await Promise.all([page.context().close(), other.context().close()]);
  });
});
