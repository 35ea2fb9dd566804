import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { fileOf } from "../../trust/test/fixture.ts";
import { addComics } from "./support/comics.ts";
import {
  installPlugin,
  openAt,
  openPageServer,
  type PageServer,
  troublesOf,
  withoutChromium,
} from "./support/page-server.ts";

/** A text that would run a script, or make elements, where it was taken as HTML. */
const hostile = (field: string): string =>
  `${field}<img src=x onerror="window.taken='${field}'"><script>window.taken='${field}'</script><b id=taken>`;

const MARKDOWN = `# Readme of evil

${hostile("readme")}

[good link](https://example.org/a) [bad link](javascript:window.taken=1) [data link](data:text/html,x)

![foreign image](https://example.org/tracker.png) ![own image](data:image/png;base64,iVBORw0KGgo=)

<iframe src="https://example.org"></iframe><form action="/api/plugins/install"><input name=x></form>
<style>body { display: none }</style><svg onload="window.taken=1"></svg><a href="/x" onclick="window.taken=1">on</a>
`;

const index = (sha256: string, versions: string[]) => ({
  version: 1,
  generated_at: "2026-01-02T03:04:05Z",
  plugins: {
    evil: {
      namespace: "evil",
      type: "metadata",
      versions: Object.fromEntries(
        versions.map((version) => [
          version,
          {
            ...{
              version,
              name: hostile("name"),
              author: hostile("author"),
              description: hostile("description"),
            },
            ...{ sha256, artifact: "evil.ts", published_at: "2026-01-02T03:04:05Z" },
          },
        ]),
      ),
    },
  },
});

const source = `export default ${JSON.stringify({
  ...{ namespace: "evil", type: "metadata", version: "1.0.0" },
  ...{ name: hostile("name"), author: hostile("author"), description: hostile("description") },
  parameters: { option: { type: "string", desc: hostile("parameter"), default_value: hostile("default") } },
}).slice(0, -1)},
  async getTags(ctx) {
    ctx.log.info(${JSON.stringify(hostile("log"))});
    ctx.log.error(${JSON.stringify(hostile("error"))});
    return { tags: ${JSON.stringify(`artist:${hostile("tag")}`)}, title: ${JSON.stringify(hostile("title"))}, summary: ${JSON.stringify(hostile("summary"))} };
  },
};
`;

/** Writes a signed registry whose every text is hostile. */
const writeHostileRegistry = async (folder: string): Promise<void> => {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  await mkdir(folder);
  const registry = JSON.stringify(index(sha256(source), ["1.0.0"]));
  const details = JSON.stringify({
    version: 1,
    ...{ name: hostile("registry"), description: hostile("about"), contact: hostile("contact") },
    plugins: {
      evil: {
        ...{ readme: MARKDOWN, licence: hostile("licence"), tags: [hostile("t").slice(0, 64)] },
        deprecated: { reason: hostile("deprecated") },
        versions: { "1.0.0": { changelog: MARKDOWN } },
        yanked: {
          "0.9.0": {
            sha256: "ab".repeat(32),
            reason: hostile("yank"),
            at: "2026-01-02T03:04:05Z",
            dangerous: true,
          },
        },
      },
    },
  });
  await writeFile(path.join(folder, "evil.ts"), source);
  await writeFile(path.join(folder, "registry.json"), registry);
  await writeFile(path.join(folder, "registry.details.json"), details);
  await writeFile(
    path.join(folder, "registry.head"),
    fileOf({ index: sha256(registry), details: sha256(details) }),
  );
};

/** What of a hostile text became more than text. */
const takenBy = (page: Page): Promise<unknown> =>
  page.evaluate(`({
    ran: window.taken ?? null,
    elements: [...document.querySelectorAll("#taken, iframe, form[action], svg[onload], [onerror], [onclick], main style")].map(({ outerHTML }) => outerHTML),
    links: [...document.querySelectorAll("a[href]")].map(({ href }) => href).filter((href) => !/^(https?|mailto|blob):/.test(href)),
    images: [...document.images].map(({ src }) => src).filter((src) => !src.startsWith("data:") && !src.startsWith(location.origin)),
  })`);
const nothing = { ran: null, elements: [], links: [], images: [] };

describe.skipIf(withoutChromium)("a plugin and a registry whose every text carries HTML and script", () => {
  let server: PageServer;
  let archive: string;
  let registry: string;
  beforeAll(async () => {
    server = await openPageServer();
    const folder = path.join(server.data, "evil");
    await writeHostileRegistry(folder);
    const body = { name: hostile("place"), provider: "local" as const, path: folder, refresh: true };
    const created = await server.client.createRegistry({ body });
    expect(created.refresh).toMatchObject({ plugins: 1 });
    registry = created.id;
    archive = (await addComics(server, ["One"]))[0] ?? "";
    await installPlugin(server, "evil", registry);
    const plugin = "evil" as never;
    await server.client.usePlugin({ query: { plugin, id: archive, apply: true } });
    await server.client.holdPlugin({ params: { namespace: plugin }, body: { note: hostile("note") } });
  });

  test("show as text on every page", async () => {
    const page = await openAt(server, "/");
    const troubles = troublesOf(page);
    /** Each place, and a text of the plugin that is there. */
    const places: [place: string, field: string | null][] = [
      ["/", null],
      ["/plugins", "name"],
      ["/plugins/evil", "description"],
      ["/plugins/evil?part=settings", "parameter"],
      ["/plugins/evil?part=policy", null],
      ["/plugins/evil?part=log", "log"],
      ["/plugins/evil?part=network", null],
      ["/plugins/evil?part=versions", "note"],
      ["/browse", "name"],
      ["/browse/evil", "author"],
      ["/registries", "place"],
      [`/registries/${registry}`, "contact"],
      ["/library", null],
      [`/library/${archive}`, "title"],
      ["/activity", null],
      ["/activity?tab=history", null],
      ["/server/policy", null],
      ["/server/installs", null],
      ["/server/blocks", null],
    ];
    for (const [place, field] of places) {
      await page.goto(`${server.address}${place}`);
      await page.locator("[data-page-title]").waitFor();
      await vi.waitFor(async () => expect(await page.locator(".mantine-Loader-root").count()).toBe(0));
      if (field) await page.getByText(`${field}<img src=x onerror=`).first().waitFor();
      expect(await takenBy(page), place).toEqual(nothing);
    }
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test("show as text in what a dialog, a trial and the search say", async () => {
    const page = await openAt(server, "/");
    const troubles = troublesOf(page);
    await page.goto(`${server.address}/plugins/evil?part=try`);
    await page
      .getByRole("button", { name: /title<img|One/ })
      .first()
      .click();
    await page.getByRole("button", { name: "Try", exact: true }).click();
    await page.getByText("log<img src=x onerror=").first().waitFor();
    expect(await takenBy(page)).toEqual(nothing);
    await page.goto(`${server.address}/browse/evil`);
    await page
      .getByRole("button", { name: /^Install again/ })
      .first()
      .click();
    await page.getByRole("dialog").getByText("name<img src=x onerror=").first().waitFor();
    expect(await takenBy(page)).toEqual(nothing);
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    await page.getByRole("combobox", { name: "Search" }).fill("name");
    await page
      .getByRole("option", { name: /name<img/ })
      .first()
      .waitFor();
    expect(await takenBy(page)).toEqual(nothing);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test("a readme keeps its headings, links and own images, and loses all else", async () => {
    const page = await openAt(server, "/");
    const troubles = troublesOf(page);
    await page.goto(`${server.address}/browse/evil`);
    const readme = page.getByRole("region", { name: "Readme" });
    await readme.getByRole("heading", { level: 3, name: "Readme of evil" }).waitFor();
    expect(
      await readme.getByRole("link").evaluateAll((links) => links.map((link) => link.outerHTML)),
    ).toEqual([
      '<a href="https://example.org/a" target="_blank" rel="noopener noreferrer nofollow">good link</a>',
    ]);
    expect(await readme.getByText("foreign image").count()).toBe(1);
    expect(
      await readme.locator("img").evaluateAll((all) => all.map((one) => one.getAttribute("alt"))),
    ).toEqual(["own image"]);
    await page.getByRole("button", { name: "What changed" }).click();
    await page.getByRole("heading", { level: 3, name: "Readme of evil" }).nth(1).waitFor();
    for (const field of ["deprecated", "yank", "licence"])
      await page.getByText(`${field}<img src=x onerror=`).first().waitFor();
    expect(await takenBy(page)).toEqual(nothing);
    expect(troubles.filter((one) => !one.includes("net::ERR"))).toEqual([]);
    await page.context().close();
  });
});
