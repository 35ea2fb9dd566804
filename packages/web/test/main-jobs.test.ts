import path from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { cbz } from "../../server/test/library/cbz.ts";
import { writeDetailed } from "../../server/test/support/details-registry.ts";
import { type Means, meansOf } from "./support/means.ts";
import { KEY, openPageServer, type PageServer, withoutChromium } from "./support/page-server.ts";

const ARCHIVES = 200;

const source = (version: string) => `export default {
  namespace: "marker", type: "metadata", name: "Marker", version: "${version}", author: "Keeper",
  description: "Marks archives", permissions: { net: ["marks.example.org"] },
  async getTags() { return { tags: "marked:${version}" }; },
};
`;

/** Publishes versions of the one plugin as a keeper does. */
const publish = (folder: string, versions: string[]) => {
  const said = versions.map((version) => [version, { changelog: `- What ${version} does` }]);
  return writeDetailed(
    folder,
    [
      {
        namespace: "marker",
        type: "metadata",
        versions: versions.map((version) => ({ version, name: "Marker", source: source(version) })),
      },
    ],
    { name: "Shelf", plugins: { marker: { versions: Object.fromEntries(said) } } },
  );
};

/** Every job that an owner does on the page, with each means alone: none of them needs another one. */
describe.skipIf(withoutChromium).each(Object.keys(meansOf) as (keyof typeof meansOf)[])(
  "by %s one",
  (name) => {
    let server: PageServer;
    let folder: string;
    let means: Means;
    beforeAll(async () => {
      server = await openPageServer();
      folder = path.join(server.data, "shelf");
      await publish(folder, ["1.0.0"]);
      for (let n = 1; n <= ARCHIVES; n++) {
        const file = new Blob([new Uint8Array(cbz(`Book ${n}`))]);
        await server.client.uploadArchive({ file, filename: `Book ${n}.cbz`, body: {} });
      }
      means = await meansOf[name](server);
    });

    const button = (label: string | RegExp) =>
      means.page.getByRole("button", { name: label, exact: typeof label === "string" }).first();
    const dialog = () => means.page.getByRole("dialog");
    const inDialog = (label: string) => dialog().getByRole("button", { name: label, exact: true });
    const marker = async () =>
      (await server.client.listInstalled({})).plugins.find(({ namespace }) => namespace === "marker");
    const marked = async () =>
      (await server.client.searchArchives({ query: { q: "marked:1.0.0", size: 1 } })).total;
    const toVersions = async () => {
      await means.go("Plugins");
      await means.press(means.page.getByRole("link", { name: "Marker", exact: true }).last());
      await means.press(means.page.getByRole("link", { name: "Versions", exact: true }));
    };

    test("signs in", async () => {
      await means.type(means.page.locator("input[name=key]"), KEY);
      await means.press(button("Sign in"));
      await means.page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
    });

    test("adds a registry by its address, tested first", async () => {
      await means.go("Registries");
      await means.press(button("Add a registry"));
      await means.type(means.page.getByLabel("Address"), folder);
      await means.press(button("Test"));
      await means.page.getByText("Can be used").waitFor();
      await means.press(button("Add this registry"));
      await means.page.getByRole("heading", { name: "Shelf" }).waitFor();
    });

    test("reads what a plugin may do, and installs it", async () => {
      await means.go("Browse");
      await means.type(means.page.getByRole("searchbox"), "marker");
      await means.press(means.page.getByRole("link", { name: "Marker", exact: true }));
      await means.press(button("Install 1.0.0"));
      await dialog()
        .getByText(/marks\.example\.org/)
        .waitFor();
      await means.press(inDialog("Install"));
      await means.page.getByText("Installed 1.0.0").first().waitFor();
      expect((await marker())?.granted.net).toEqual(["marks.example.org"]);
    });

    test("enables two plugins, orders them, and takes the order back", async () => {
      const order = async () => (await server.client.getChain({})).steps.map(({ plugin }) => plugin);
      await means.go("Plugins");
      for (const one of ["Marker", "ComicInfo.xml"])
        await means.turn(means.page.getByRole("switch", { name: `${one} runs on new archives` }));
      const steps = means.page.getByRole("list", { name: "Order on archives" }).getByRole("listitem");
      await vi.waitFor(async () => expect(await steps.count()).toBe(2));
      const before = await order();
      await means.press(button(/^Move .* down$/));
      // What is undone is what the page says last.
      await means.page.getByText(/ is number 2 now$/).waitFor();
      expect(await order()).toEqual([...before].reverse());
      await means.undo();
      await vi.waitFor(async () => expect(await order()).toEqual(before));
    });

    test("tags the whole library after a dry run, and takes all of it back", async () => {
      await means.go("Library");
      await means.press(button("Run on all of these"));
      await means.choose(dialog().getByLabel("What runs"), "Marker");
      await means.press(inDialog("Dry run on 5 archives"));
      await dialog().getByText(`${ARCHIVES} archives with Marker. Of the first 5, 5 would change.`).waitFor();
      expect(await marked()).toBe(0);
      await means.press(inDialog(`Run on ${ARCHIVES} archives`));
      await means.page.getByText(`${ARCHIVES} archives changed.`).waitFor();
      expect(await marked()).toBe(ARCHIVES);
      await means.undo();
      await vi.waitFor(async () => expect(await marked()).toBe(0));
    });

    test("updates a plugin after reading what changes", async () => {
      await publish(folder, ["1.0.0", "1.1.0"]);
      await means.go("Registries");
      await means.press(button("Refresh"));
      await means.go("Plugins");
      await means.press(button("Update Marker"));
      await dialog().getByText("Marker 1.0.0 → 1.1.0").waitFor();
      await means.press(inDialog("Update"));
      await vi.waitFor(async () => expect((await marker())?.version).toBe("1.1.0"));
    });

    test("goes back to the version before, and holds it with a note", async () => {
      await toVersions();
      await means.press(button("Go back to 1.0.0"));
      await vi.waitFor(async () => expect((await marker())?.version).toBe("1.0.0"));
      await means.type(means.page.getByLabel("Why (optional)"), "1.1.0 marks too much");
      await means.press(button("Hold at 1.0.0"));
      await means.page.getByText("Held at 1.0.0", { exact: true }).waitFor();
      expect((await marker())?.updates?.hold?.note).toBe("1.1.0 marks too much");
    });

    test("finds out what happened", async () => {
      await means.go("Activity");
      await means.show("History");
      const lines = means.page.getByRole("list", { name: "History" }).getByRole("listitem");
      for (const words of [
        /^Held a plugin ?Marker/,
        /^Went back to another version ?Marker.*1\.1\.0 → 1\.0\.0/,
        /^Updated plugins ?Marker.*1\.0\.0 → 1\.1\.0/,
        /^Undid a batch/,
        new RegExp(`^Ran a batch ?Marker.*Changed ${ARCHIVES}`),
        /^Installed a plugin ?Marker/,
      ])
        await lines.filter({ hasText: words }).first().waitFor();
      // That is older than the two hundred archives, whose lines are out of view.
      await means.choose(means.page.getByLabel("About"), "Registries");
      const added = expect.arrayContaining([expect.stringMatching(/^Added a registry ?shelf/i)]);
      await vi.waitFor(async () => expect(await lines.allTextContents()).toEqual(added));
    });

    test("removes the plugin, takes that back, and removes the registry with what that means", async () => {
      await means.go("Plugins");
      await means.press(means.page.getByRole("link", { name: "Marker", exact: true }).last());
      await means.press(button("Uninstall"));
      await means.page.getByText("was removed; its settings are kept").waitFor();
      expect(await marker()).toBeUndefined();
      await means.undo();
      await vi.waitFor(async () => expect((await marker())?.version).toBe("1.0.0"));
      await means.go("Registries");
      await means.press(button("Remove"));
      await dialog().getByText("1 plugin stays installed and gets no more updates: Marker.").waitFor();
      await means.press(inDialog("Remove"));
      await means.page.getByRole("heading", { name: "Shelf" }).waitFor({ state: "detached" });
      await means.page.context().close();
    });
  },
);
