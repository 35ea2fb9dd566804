import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  addExampleRegistry,
  installPlugin,
  KEY,
  openAt,
  openPage,
  openPageServer,
  type PageServer,
  signIn,
  withoutChromium,
} from "./support/page-server.ts";

describe.skipIf(withoutChromium)("the page of a real server", () => {
  let server: PageServer;
  let registry: string;
  beforeAll(async () => {
    server = await openPageServer();
  });

  test("greets a first visit, and says why a wrong key is refused", async () => {
    const page = await openPage(server);
    await page.getByRole("heading", { name: "Welcome to Hitagi" }).waitFor();
    await page.locator("input[name=key]").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("UNAUTHORIZED").waitFor();
    await signIn(page);
    expect(await page.title()).toBe("Home · Hitagi");
    await page.getByRole("link", { name: "First steps" }).click();
    await page.getByRole("heading", { name: "A first registry" }).waitFor();
    const cookies = await page.context().cookies();
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: "Strict" }]);
    expect(await page.evaluate("document.cookie")).toBe("");
    expect(await page.evaluate("JSON.stringify(localStorage)")).not.toContain(KEY);
    await page.context().close();
  });

  test("adds a registry and a first plugin in the first steps, which need no more than their address", async () => {
    const page = await openAt(server, "/welcome");
    await page.getByLabel("Address").fill("/nowhere/at/all");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("alert").waitFor();
    expect((await server.client.listRegistries({})).registries).toEqual([]);
    registry = await addExampleRegistry(server);
    // Another program added it: the page sees it without a reload.
    await page
      .getByRole("button", { name: /^Install / })
      .first()
      .waitFor();
    const offers = await page.getByRole("button", { name: /^Install / }).allTextContents();
    expect(offers.length).toBeGreaterThan(0);
    // Such as the example that is broken on purpose: it does nothing for a library.
    expect(await page.getByRole("button", { name: /^Install Broken/ }).count()).toBe(0);
    expect(await page.getByRole("link", { name: "All plugins of your registries" }).count()).toBe(1);
    await page.context().close();
  });

  test("shows what a plugin may do, changes it, and undoes it from the toast", async () => {
    await installPlugin(server, "missing-tags", registry);
    const page = await openAt(server, "/");
    await page.getByRole("link", { name: "Plugins", exact: true }).click();
    const { plugin: before } = await server.client.getInstalled({
      params: { namespace: "missing-tags" as never },
    });
    await page.getByRole("link", { name: before.name, exact: true }).click();
    await page.getByRole("heading", { name: before.name, exact: true }).waitFor();
    const right = page.getByRole("switch").first();
    await right.waitFor();
    await right.press("Space");
    const granted = async () =>
      (await server.client.getInstalled({ params: { namespace: "missing-tags" as never } })).plugin.granted;
    await vi.waitFor(async () => expect(await granted()).not.toEqual(before.granted));
    await page.getByRole("button", { name: "Undo" }).click();
    await vi.waitFor(async () => expect((await granted()).library).toEqual(before.granted.library));
    await page.context().close();
  });

  test("uninstalls a plugin with an undo, which brings it back", async () => {
    await installPlugin(server, "title-cleaner", registry);
    const page = await openAt(server, "/plugins/title-cleaner");
    await page.getByRole("button", { name: "Uninstall" }).click();
    await page.getByRole("heading", { name: "Plugins", exact: true }).waitFor();
    await page.getByRole("link", { name: "Title cleaner" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("link", { name: "Title cleaner" }).waitFor();
    await page.goto(`${server.address}/plugins/nothing-of-the-kind`);
    await page
      .getByRole("alert")
      .getByText("PLUGIN_NOT_INSTALLED")
      .or(page.getByRole("alert"))
      .first()
      .waitFor();
    await page.context().close();
  });

  test("two browsers agree: what one changes the other shows", async () => {
    const [one, two] = await Promise.all([openPage(server), openPage(server)]);
    await Promise.all([signIn(one), signIn(two)]);
    await Promise.all([one.goto(`${server.address}/plugins`), two.goto(`${server.address}/plugins`)]);
    const switchIn = (page: typeof one) =>
      page.getByRole("switch", { name: "ComicInfo.xml runs on new archives" });
    await switchIn(two).waitFor();
    await switchIn(one).click({ force: true });
    await vi.waitFor(async () => expect(await switchIn(two).isChecked()).toBe(true));
    await Promise.all([one.context().close(), two.context().close()]);
  });

  test("orders the metadata plugins with a finger, and the page below does not scroll", async () => {
    for (const namespace of ["comic-info", "filename-parse"])
      await server.client.configurePlugin({
        params: { namespace: namespace as never },
        body: { enabled: true },
      });
    const order = async () => (await server.client.getChain({})).steps.map(({ plugin }) => plugin);
    const before = await order();
    const page = await openAt(server, "/plugins", { width: 390, touch: true });
    const handles = page
      .getByRole("list", { name: "Order on archives" })
      .getByRole("button", { name: /^Drag/ });
    await handles.first().scrollIntoViewIfNeeded();
    const [first, second] = await Promise.all([handles.nth(0).boundingBox(), handles.nth(1).boundingBox()]);
    if (!first || !second) throw new Error("The handles are not drawn.");
    const x = first.x + first.width / 2;
    const scrolled = await page.evaluate("scrollY");
    const finger = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", y?: number) =>
      finger.send("Input.dispatchTouchEvent", { type, touchPoints: y === undefined ? [] : [{ x, y }] });
    const from = first.y + first.height / 2;
    const to = second.y + second.height;
    await touch("touchStart", from);
    for (const part of [0.25, 0.5, 0.75, 1]) await touch("touchMove", from + (to - from) * part);
    expect(await page.evaluate("scrollY")).toBe(scrolled);
    await touch("touchEnd");
    await vi.waitFor(async () => expect(await order()).toEqual([before[1], before[0], ...before.slice(2)]));
    await page.context().close();
  });

  test("answers / and ? everywhere, and finds a plugin", async () => {
    const page = await openAt(server, "/");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "detached" });
    await page.keyboard.press("/");
    await page.getByRole("combobox", { name: "Search" }).fill("title clean");
    await page
      .getByRole("option", { name: /Title cleaner/ })
      .first()
      .waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Title cleaner" }).waitFor();
    await page.context().close();
  });

  test("keeps what is typed while the server is away, says so, and goes on", async () => {
    await installPlugin(server, "page-count", registry);
    const page = await openAt(server, "/server/keys");
    await page.getByLabel("Name").fill("typed-before");
    await server.kill();
    await page.getByText("The server does not answer. What you typed stays here").waitFor();
    await server.again();
    await page
      .getByText("The server does not answer. What you typed stays here")
      .waitFor({ state: "detached" });
    expect(await page.getByLabel("Name").inputValue()).toBe("typed-before");
    await page.getByRole("button", { name: "Make a key" }).click();
    await page.getByText("Copy the key now").waitFor();
    await page.context().close();
  });

  test("hides what a key may not do, and signs out a browser that another one ends", async () => {
    const { key } = await server.client.createKey({ body: { name: "reader", scope: "read" } });
    const page = await openPage(server);
    await signIn(page, key);
    await page.goto(`${server.address}/server`);
    await page.getByRole("link", { name: "Health" }).waitFor();
    expect(await page.getByRole("link", { name: "Keys" }).count()).toBe(0);
    await page.goto(`${server.address}/plugins/title-cleaner`);
    await page.getByRole("heading", { name: "Title cleaner" }).waitFor();
    expect(await page.getByRole("button", { name: "Uninstall" }).count()).toBe(0);
    await server.client.revokeKey({ params: { name: "reader" } });
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.context().close();
  });

  test("checks the server, and shows what stands between plugins and the machine", async () => {
    const page = await openAt(server, "/server/health");
    await page.getByText(/^They run in a sandbox\. Walls on this machine: Deno/i).waitFor();
    await page.getByRole("button", { name: "Check the server" }).click();
    const checks = page.getByRole("region", { name: "Checks" });
    await checks.getByRole("status").waitFor();
    await checks.getByText("The server is healthy").waitFor();
    await page.context().close();
  });

  test("invites a phone with a code", async () => {
    const page = await openAt(server, "/server/sessions");
    await page.getByRole("button", { name: "Make a code" }).click();
    await page.getByRole("img", { name: "Code for a phone" }).waitFor();
    const link = (await page.locator("code", { hasText: "/invite#" }).textContent()) ?? "";
    const phone = await openPage({ address: link }, { width: 390 });
    await phone.getByRole("button", { name: "Sign in here" }).click();
    await phone.getByRole("button", { name: "Menu" }).click();
    await phone.getByRole("dialog").getByRole("link", { name: "Plugins" }).click();
    await phone.getByRole("heading", { name: "Plugins", exact: true }).waitFor();
    await Promise.all([page.context().close(), phone.context().close()]);
  });
});
