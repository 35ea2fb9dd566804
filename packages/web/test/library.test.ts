import { beforeAll, describe, expect, test, vi } from "vitest";
import { addComics, comic } from "./support/comics.ts";
import {
  openAt,
  openPageServer,
  type PageServer,
  troublesOf,
  withoutChromium,
} from "./support/page-server.ts";

describe.skipIf(withoutChromium)("the place Library", () => {
  let server: PageServer;
  let ids: string[];
  beforeAll(async () => {
    server = await openPageServer();
    ids = await addComics(server, ["Alpha", "Beta", "Gamma"]);
  });

  const open = (place: string) => openAt(server, place);

  test("shows covers, finds as one types, and keeps the search in the address", async () => {
    const page = await open("/library");
    const troubles = troublesOf(page);
    await page.getByRole("link", { name: "Alpha" }).waitFor();
    const drawn =
      "[...document.images].length >= 3 && [...document.images].every((one) => one.naturalWidth > 0)";
    await vi.waitFor(async () => expect(await page.evaluate(drawn)).toBe(true));
    await page.getByRole("searchbox", { name: "Title, tag or path" }).fill("bet");
    await page.getByText("1 archive found").waitFor();
    expect(new URL(page.url()).search).toBe("?q=bet");
    await page.reload();
    await page.getByText("1 archive found").waitFor();
    await page.getByRole("searchbox", { name: "Title, tag or path" }).fill("no such archive");
    await page.getByRole("button", { name: "Clear the filters" }).click();
    await page.getByText("3 archives").waitFor();
    await page.getByText("List", { exact: true }).click();
    await page.getByRole("link", { name: "Gamma" }).waitFor();
    expect(new URL(page.url()).search).toBe("?view=list");
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test("sends files with progress, and says why one is not taken in", async () => {
    const page = await open("/library");
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByRole("button", { name: "Add archives" }).click(),
    ]);
    await chooser.setFiles([
      { name: "Delta.cbz", mimeType: "application/zip", buffer: await comic("#abcdef") },
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no archive") },
      { name: "again.cbz", mimeType: "application/zip", buffer: await comic("#111111") },
    ]);
    await page.getByRole("link", { name: "Open it" }).waitFor();
    const faults = page.getByRole("alert");
    await vi.waitFor(async () => expect(await faults.count()).toBe(2));
    await page.getByRole("link", { name: "Show the one that is there" }).click();
    await page.getByRole("heading", { level: 1, name: "Alpha" }).waitFor();
    await page.context().close();
  });

  test("shows by a dry run what a plugin would change on chosen archives, runs it, and undoes the whole run", async () => {
    const page = await open("/library?q=a&sort=title");
    await page.getByRole("checkbox", { name: "Choose Alpha" }).check();
    await page.getByRole("checkbox", { name: "Choose Beta" }).check();
    await page.getByText("2 archives chosen").waitFor();
    await page.getByRole("button", { name: "Run on 2 archives" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("What runs").selectOption("comic-info");
    await dialog.getByRole("button", { name: "Dry run on 2 archives" }).click();
    await dialog.getByText("2 archives with ComicInfo.xml. Of the first 2, 2 would change.").waitFor();
    await dialog.getByText("+ writer:Ann of #111111").waitFor();
    await dialog.getByLabel("What runs").selectOption("filename-parse");
    await dialog.getByText("+ writer:Ann of #111111").waitFor({ state: "detached" });
    await dialog.getByLabel("What runs").selectOption("comic-info");
    const tagsOf = async (id: string) => (await server.client.getArchiveMetadata({ params: { id } })).tags;
    expect(await tagsOf(ids[0] ?? "")).toBe("");
    await dialog.getByRole("button", { name: "Run on 2 archives", exact: true }).click();
    await page.getByText("2 archives changed.").waitFor();
    expect(await tagsOf(ids[0] ?? "")).toContain("Ann of #111111");
    expect(await tagsOf(ids[2] ?? "")).toBe("");
    await page.getByRole("button", { name: "Undo" }).click();
    await vi.waitFor(async () => expect(await tagsOf(ids[0] ?? "")).toBe(""));
    await page.context().close();
  });

  test("an archive's tags are edited and put back, and its changes show the texts before and after", async () => {
    const id = ids[1] ?? "";
    const page = await open(`/library/${id}`);
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Title").fill("Beta, by hand");
    await page.locator("form").getByLabel("Tags").fill("artist:Bo,");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { level: 1, name: "Beta, by hand" }).waitFor();
    const changes = page.getByRole("region", { name: "What changed it" });
    await changes.getByText("Edited an archive").first().waitFor();
    await changes.getByRole("button", { name: "Before and after" }).first().click();
    await changes.getByText("+ artist:Bo").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("heading", { level: 1, name: "Beta", exact: true }).waitFor();
    await page.context().close();
  });

  test("an archive that is not there says so", async () => {
    const page = await open(`/library/${"0".repeat(40)}`);
    await page.getByRole("alert").getByText("ARCHIVE_NOT_FOUND").waitFor();
    await page.context().close();
  });
});
