import { beforeAll, describe, expect, test, vi } from "vitest";
import { addComics } from "./support/comics.ts";
import { openAt, openPageServer, type PageServer, withoutChromium } from "./support/page-server.ts";

describe.skipIf(withoutChromium)("the tag rules in Server", () => {
  let server: PageServer;
  let id: string;
  beforeAll(async () => {
    server = await openPageServer();
    [id = ""] = await addComics(server, ["Alpha", "Beta"]);
    const body = { title: "Alpha", tags: "parody:one piece, already uploaded", summary: "" };
    await server.client.putArchiveMetadata({ params: { id }, body });
  });
  const tags = async () => (await server.client.getArchiveMetadata({ params: { id } })).tags;

  test("are tried before they are saved, and applied to the library after a preview, with an undo", async () => {
    const before = await tags();
    const page = await openAt(server, "/server/tags");
    await page.getByLabel("Rules, one on a line").fill("-already uploaded\nparody:* -> series:*");
    await page.getByLabel("Tags, separated by commas").fill("already uploaded, parody:x, artist:y");
    await page.getByRole("button", { name: "Try these tags" }).click();
    await page.getByText("removed", { exact: true }).waitFor();
    await page.getByText("series:x", { exact: true }).waitFor();
    await page.getByText("stays", { exact: true }).waitFor();
    expect((await server.client.getTagRules({})).text).toBe("");
    await page.getByText("Save the rules first.").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Save the rules first.").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Show what would change" }).click();
    await page.getByText("1 archive of 2 would change.").waitFor();
    await page.getByText("+ series:one piece").waitFor();
    expect(await tags()).toBe(before);
    await page.getByRole("button", { name: "Change 1 archive" }).click();
    await page.getByText("1 archive changed.").waitFor();
    expect(await tags()).toBe("series:one piece");
    await page.getByRole("heading", { level: 1 }).focus();
    await page.keyboard.press("Control+z");
    await vi.waitFor(async () => expect(await tags()).toBe(before));
    await page.context().close();
  });

  test("refuse a line that is no rule with what to write, and say which lines of an import are none", async () => {
    const page = await openAt(server, "/server/tags");
    const before = (await server.client.getTagRules({})).text;
    await page.getByLabel("Rules, one on a line").fill("~ ");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("The tag rule").first().waitFor();
    expect((await server.client.getTagRules({})).text).toBe(before);
    await server.client.updateTagRules({ body: { text: "~ ", lenient: true } });
    await page.reload();
    await page.getByText("No rule, and ignored: ~").waitFor();
    await server.client.updateTagRules({ body: { undo: true } });
    expect((await server.client.getTagRules({})).text).toBe(before);
    await page.context().close();
  });
});
