import type { Page, Request } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { addComics } from "./support/comics.ts";
import {
  addExampleRegistry,
  installPlugin,
  openPage,
  openPageServer,
  type PageServer,
  signIn,
  withoutChromium,
} from "./support/page-server.ts";

/** What another browser does, and what an open page then shows without being touched. */
interface Change {
  place: string;
  /** Done by another program with the calls that a browser makes. */
  act: (client: PageServer["client"]) => Promise<unknown>;
  shows: (page: Page) => Promise<unknown>;
}

describe.skipIf(withoutChromium)("what one browser changes another shows by itself", () => {
  let server: PageServer;
  let registry: string;
  let archive: string;
  let page: Page;
  beforeAll(async () => {
    server = await openPageServer();
    [archive = ""] = await addComics(server, ["Alpha"]);
    registry = await addExampleRegistry(server);
    await installPlugin(server, "echo", registry, "1.0.0");
    await server.client.createRegistry({ body: { name: "Second", provider: "local", path: "/nowhere" } });
    page = await openPage(server);
    await signIn(page);
  });

  const echo = { namespace: "echo" as never };
  const changes: Record<string, () => Change> = {
    "an enabled plugin": () => ({
      place: "/plugins",
      act: (client) =>
        client.configurePlugin({ params: { namespace: "comic-info" as never }, body: { enabled: true } }),
      shows: (shown) =>
        shown.getByRole("switch", { name: "ComicInfo.xml runs on new archives", checked: true }).waitFor(),
    }),
    "a held plugin": () => ({
      place: "/plugins/echo?part=versions",
      act: (client) => client.holdPlugin({ params: echo, body: { at: "1.0.0", note: "until summer" } }),
      shows: (shown) => shown.getByText("until summer").waitFor(),
    }),
    "the history of a plugin": () => ({
      place: "/plugins/echo?part=history",
      act: (client) => client.unholdPlugin({ params: echo }),
      shows: (shown) => shown.getByText("Lifted a hold").waitFor(),
    }),
    "an update that was installed": () => ({
      place: "/plugins/echo",
      act: (client) => client.upgradePlugins({ body: { namespaces: ["echo" as never] } }),
      shows: (shown) => shown.getByText("1.1.0", { exact: true }).first().waitFor(),
    }),
    "the default registry": () => ({
      place: "/registries",
      act: (client) => client.setDefaultRegistry({ params: { id: registry } }),
      shows: (shown) => shown.getByText("Default", { exact: true }).waitFor(),
    }),
    "a removed registry": () => ({
      place: "/registries",
      act: async (client) => {
        const { registries } = await client.listRegistries({});
        const id = registries.find(({ name }) => name === "Second")?.id ?? "";
        return client.deleteRegistry({ params: { id } });
      },
      shows: (shown) => shown.getByRole("heading", { name: "Second" }).waitFor({ state: "detached" }),
    }),
    "an archive's title": () => ({
      place: "/library",
      act: (client) => client.putArchiveMetadata({ params: { id: archive }, body: { title: "Renamed" } }),
      shows: (shown) => shown.getByRole("link", { name: "Renamed" }).waitFor(),
    }),
    "a batch": () => ({
      place: "/activity?tab=batches",
      act: (client) => client.startBatch({ body: { plugin: "comic-info" as never, all: true } }),
      shows: (shown) => shown.getByRole("link", { name: "ComicInfo.xml" }).first().waitFor(),
    }),
    "a schedule": () => ({
      place: "/activity?tab=schedules",
      act: (client) =>
        client.createSchedule({ body: { when: "every day 03:00", work: { kind: "refresh" } } as never }),
      shows: (shown) => shown.getByRole("button", { name: "Pause" }).waitFor(),
    }),
    "a rule of the owner": () => ({
      place: "/server/tags",
      act: (client) => client.updateTagRules({ body: { text: "-unwanted" } }),
      shows: (shown) => shown.getByText("-unwanted").first().waitFor(),
    }),
    "a key": () => ({
      place: "/server/keys",
      act: (client) => client.createKey({ body: { name: "kitchen", scope: "read" } }),
      shows: (shown) => shown.getByText("kitchen").first().waitFor(),
    }),
    "a revoked key": () => ({
      place: "/server/keys",
      act: (client) => client.revokeKey({ params: { name: "kitchen" } }),
      shows: (shown) => shown.getByText("kitchen").first().waitFor({ state: "detached" }),
    }),
    "a receiver of notifications": () => ({
      place: "/server/notifications",
      act: (client) =>
        client.createReceiver({ body: { name: "phone", kind: "ntfy", url: "https://ntfy.example.org/x" } }),
      shows: (shown) =>
        shown
          .getByRole("main")
          .getByText(/ntfy\.example\.org/)
          .waitFor(),
    }),
    "a browser that signed in": () => ({
      place: "/server/sessions",
      act: async () => {
        const other = await openPage(server, { width: 390 });
        await signIn(other);
      },
      shows: (shown) => shown.getByRole("main").getByRole("button", { name: "Sign out" }).waitFor(),
    }),
  };

  test.each(Object.keys(changes))("%s", async (name) => {
    const change = changes[name]?.();
    if (!change) throw new Error(`There is no change of ${name}`);
    await page.goto(`${server.address}${change.place}`);
    await page.locator("[data-page-title]").waitFor();
    expect(new URL(page.url()).pathname).toBe(new URL(change.place, server.address).pathname);
    await change.act(server.client);
    await change.shows(page);
  });

  test("a change that comes while the first answer is on its way", async () => {
    await installPlugin(server, "echo", registry, "1.1.0");
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const isOf = (path: string) => (request: Request) => new URL(request.url()).pathname === path;
    await page.route(
      "**/api/plugins/updates",
      async (route) => {
        const response = await route.fetch();
        await released;
        await route.fulfill({ response });
      },
      { times: 1 },
    );
    const answered = page.waitForResponse((response) => isOf("/api/plugins/installed")(response.request()));
    await page.goto(server.address);
    await answered;
    const again = page.waitForRequest(isOf("/api/plugins/installed"));
    await installPlugin(server, "echo", registry, "1.0.0");
    await again;
    release();
    await page.getByText("1 plugin has an update").waitFor();
  });
});
