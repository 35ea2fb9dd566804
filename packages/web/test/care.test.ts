import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { follow, hiddenPartsOf, misfitsOf, settled, violationsOf } from "./support/care.ts";
import { addComics } from "./support/comics.ts";
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

const DESKTOP = 1280;
const PHONE = 390;
/** A window of 1280 pixels at a zoom of 200 %. */
const ZOOMED = 640;

/** Fills a server with something for every page to show. @returns the addresses of all pages */
const furnish = async (server: PageServer): Promise<string[]> => {
  const { client } = server;
  const [archive = ""] = await addComics(server, ["One", "Two"]);
  const registry = await addExampleRegistry(server);
  for (const namespace of ["missing-tags", "title-cleaner", "echo"])
    await installPlugin(server, namespace, registry, namespace === "echo" ? "1.0.0" : undefined);
  for (const namespace of ["comic-info", "filename-parse"])
    await client.configurePlugin({ params: { namespace: namespace as never }, body: { enabled: true } });
  await client.queuePlugin({ body: { plugin: "comic-info" as never, id: "0".repeat(40) } });
  const { job: batch } = await client.startBatch({ body: { plugin: "comic-info" as never, all: true } });
  await client.createKey({ body: { name: "living-room", scope: "use" } });
  const backup = await new Response(await client.makeBackup({ body: {} })).blob();
  await client.uploadBackup({ file: backup, filename: "backup.tar.gz" });
  return [
    "/",
    "/welcome",
    "/plugins",
    "/plugins/missing-tags",
    "/plugins/comic-info?part=settings",
    "/plugins/comic-info?part=policy",
    "/plugins/comic-info?part=try",
    "/plugins/comic-info?part=log",
    "/plugins/missing-tags?part=network",
    "/plugins/echo?part=versions",
    "/plugins/echo?part=history",
    "/browse",
    "/browse/echo",
    "/registries",
    `/registries/${registry}`,
    "/library",
    "/library?view=list",
    "/library/problems",
    `/library/${archive}`,
    "/activity",
    `/activity?tab=batches&batch=${batch}`,
    "/activity?tab=schedules",
    "/activity?tab=history",
    "/server/health",
    "/server/settings",
    "/server/policy",
    "/server/tags",
    "/server/installs",
    "/server/blocks",
    "/server/keys",
    "/server/sessions",
    "/server/notifications",
    "/server/log",
    "/server/backup",
    "/server/lockfile",
    "/server/appearance",
    "/server/about",
    "/plugins/nothing/below",
  ];
};

interface Opened {
  name: string;
  place: string;
  /** The button that opens it, in English and in the long words that are made of it. */
  button: RegExp;
  /** Opened only where the window is narrow. */
  narrow?: true;
  /** What is done before the button can be pressed. */
  before?: (page: Page) => Promise<void>;
  /** What shows that it is there; not given for what is there at once. */
  shows?: string;
}

const dialogs: Opened[] = [
  { name: "search", place: "/", button: /^S[eé][aä]rch/ },
  { name: "menu", place: "/", button: /^M[eé]n[uü]/, narrow: true },
  { name: "install", place: "/browse/page-count", button: /^Inst[aä]ll/ },
  { name: "update", place: "/plugins", button: /^Upd[aä]t[eé]/ },
  { name: "remove-registry", place: "/registries", button: /^R[eé]m[oö]v[eé]/ },
  {
    name: "run",
    place: "/library",
    button: /^R[uü]n [oö]n/,
    before: (page) => page.getByRole("checkbox").last().check(),
  },
  { name: "replace-key", place: "/server/keys", button: /^R[eé]pl[aä]c[eé]/ },
];

/** Forms that a button opens in the page. */
const forms: Opened[] = [
  { name: "add-registry", place: "/registries", button: /^[AÄ]dd [aä]/ },
  { name: "conditions", place: "/plugins", button: /^C[oö]nd[iï]t[iï][oö]ns/ },
  { name: "doctor", place: "/server/health", button: /^Ch[eé]ck/, shows: "main p[role=status]" },
  { name: "edit-registry", place: "/registries", button: /^[EÉ]d[iï]t/ },
];

const nameOf = (place: string) =>
  place
    .replace(/[0-9a-f]{20,}|[^a-z]+/g, "-")
    .replace(/-+/g, "-")
    .replace(/^-|-$/g, "") || "home";

const resize = (page: Page, width: number) => page.setViewportSize({ width, height: 800 });

const hasFocusIn = (selector: string) =>
  `document.activeElement?.closest(${JSON.stringify(selector)}) != null`;

describe.skipIf(withoutChromium)("every page", () => {
  let server: PageServer;
  let places: string[];
  beforeAll(async () => {
    server = await openPageServer();
    places = await furnish(server);
  });

  /** Looks at what is shown in both themes, wide and narrow, and zoomed. */
  const lookAt = async (page: Page, name: string, widths = [DESKTOP, PHONE]): Promise<void> => {
    for (const width of widths) {
      await resize(page, width);
      for (const scheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        // The themes differ in their colours only.
        expect
          .soft(await violationsOf(page, { coloursOnly: scheme === "dark" }), `${name}, ${scheme}`)
          .toEqual([]);
        await keepPicture(page, `${name}-${scheme}-${width}`);
      }
      expect.soft(await misfitsOf(page), `${name} at ${width}`).toEqual([]);
      await vi.waitFor(async () => expect(await hiddenPartsOf(page), `${name} at ${width}`).toEqual([]));
    }
    await resize(page, ZOOMED);
    expect.soft(await misfitsOf(page), `${name} at 200 %`).toEqual([]);
  };

  const press = async (page: Page, { place, button, before, narrow, shows }: Opened): Promise<void> => {
    await resize(page, narrow ? PHONE : DESKTOP);
    await follow(page, place);
    await before?.(page);
    await page.getByRole("button", { name: button }).filter({ visible: true }).first().click();
    if (shows !== undefined) await page.locator(shows).waitFor();
  };

  // It only ends a test that hangs: this one looks at some forty addresses.
  const timeout = 900_000;
  test("has nothing that axe finds wrong, fits, and keeps still, in both themes, wide, narrow and zoomed", {
    timeout,
  }, async () => {
    const page = await openPage(server);
    await page.locator("input[name=key]").waitFor();
    await lookAt(page, "sign-in");
    await page.goto(`${server.address}/invite#no-code`);
    await page.getByRole("button", { name: "Sign in here" }).waitFor();
    await lookAt(page, "invite");
    await page.goto(server.address);
    const troubles = troublesOf(page);
    await signIn(page);
    for (const place of places) {
      await resize(page, DESKTOP);
      await follow(page, place);
      await lookAt(page, nameOf(place));
    }
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test("so has every dialog, which gives the focus back to its button", async () => {
    const page = await openPage(server);
    await signIn(page);
    for (const dialog of dialogs) {
      await press(page, dialog);
      await page.getByRole("dialog").waitFor();
      await settled(page);
      expect.soft(await page.evaluate(hasFocusIn("[role=dialog]")), dialog.name).toBe(true);
      await lookAt(page, `dialog-${dialog.name}`, dialog.narrow ? [PHONE] : undefined);
      await resize(page, dialog.narrow ? PHONE : DESKTOP);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      expect
        .soft(await page.evaluate("document.activeElement?.textContent"), dialog.name)
        .toMatch(dialog.button);
    }
    for (const key of ["?", "/"]) {
      await page.keyboard.press(key);
      await page.getByRole("dialog").waitFor();
      await lookAt(page, key === "?" ? "dialog-keys" : "dialog-slash");
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await resize(page, DESKTOP);
    await page.locator("[aria-haspopup=dialog]:visible").first().click();
    await page.getByRole("dialog").waitFor();
    await lookAt(page, "dialog-preferences");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    for (const form of forms) {
      await press(page, form);
      await settled(page);
      await lookAt(page, `form-${form.name}`);
    }
    await page.context().close();
  });

  test.each([
    ["words as long as German ones", "long", [DESKTOP, ZOOMED, PHONE]],
    ["Japanese", "ja", [PHONE]],
    ["Chinese", "zh", [PHONE]],
  ])("fits with %s", async (_words, language, widths) => {
    const page = await openPage(server);
    await page.evaluate(`localStorage.setItem("hitagi-language", ${JSON.stringify(language)})`);
    await page.reload();
    await page.locator("input[name=key]").waitFor();
    expect.soft(await misfitsOf(page)).toEqual([]);
    await signIn(page);
    for (const width of widths) {
      await resize(page, width);
      for (const place of places) {
        await follow(page, place);
        expect.soft(await misfitsOf(page), `${place} at ${width}`).toEqual([]);
        await keepPicture(page, `${nameOf(place)}-${language}-${width}`);
      }
    }
    if (language === "long")
      for (const opened of [...dialogs, ...forms]) {
        await press(page, opened);
        if (dialogs.includes(opened)) await page.getByRole("dialog").waitFor();
        await settled(page);
        for (const width of opened.narrow ? [PHONE] : widths) {
          await resize(page, width);
          expect.soft(await misfitsOf(page), `${opened.name} at ${width}`).toEqual([]);
        }
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
      }
    await page.context().close();
  });
});
