import { expect, test } from "vitest";
import {
  addExampleRegistry,
  installPlugin,
  keepPicture,
  openAt,
  openPageServer,
  withoutChromium,
} from "./support/page-server.ts";

test.skipIf(withoutChromium)(
  "a backup is sent, shown with what it replaces, restored at the next start, and put back",
  async () => {
    const server = await openPageServer();
    const { client } = server;
    const bytes = await new Response(await client.makeBackup({ body: {} })).arrayBuffer();
    await installPlugin(server, "page-count", await addExampleRegistry(server));
    const names = async () =>
      (await client.listInstalled({})).plugins.map(({ namespace }) => String(namespace));
    const page = await openAt(server, "/server/backup");
    const choose = async (buffer: Buffer) => {
      const [chooser] = await Promise.all([
        page.waitForEvent("filechooser"),
        page.getByRole("button", { name: "Choose a backup" }).click(),
      ]);
      await chooser.setFiles({ name: "backup.tar.gz", mimeType: "application/gzip", buffer });
    };
    await choose(Buffer.from("no backup"));
    await page.getByRole("alert").getByText("This backup cannot be used").waitFor();

    await choose(Buffer.from(bytes));
    await page.getByText("The archives: the backup has none").waitFor();
    await keepPicture(page, "restore-checked");
    await page.getByRole("button", { name: "Restore at the next start" }).click();
    const waits = page.getByText("takes the place of the server's data when the server starts the next time");
    await waits.waitFor();
    expect((await client.getRestore({})).restore?.state).toBe("waiting");
    const other = await openAt(server, "/server/backup");
    await other.getByText("takes the place of the server's data").waitFor();

    await page.getByRole("button", { name: "Do not restore" }).click();
    await page.getByRole("button", { name: "Choose a backup" }).waitFor();
    await other.getByRole("button", { name: "Choose a backup" }).waitFor();
    await choose(Buffer.from(bytes));
    await page.getByRole("button", { name: "Restore at the next start" }).click();
    await waits.waitFor();
    expect(await names()).toContain("page-count");
    await server.kill();
    await server.again();
    expect(await names()).not.toContain("page-count");
    await page.context().close();
    await other.context().close();

    const after = await openAt(server, "/server/backup");
    await after.getByRole("button", { name: "Put back at the next start" }).click();
    await after.getByText("The data that was set aside comes back").waitFor();
    await keepPicture(after, "restore-undo");
    await server.kill();
    await server.again();
    expect(await names()).toContain("page-count");
    await after.context().close();

    const last = await openAt(server, "/server/backup");
    await last.getByRole("button", { name: "Delete" }).click();
    await last.getByRole("dialog").getByText("No restore can be undone after that.").waitFor();
    await last.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await last.getByRole("heading", { name: "Set aside" }).waitFor({ state: "detached" });
    await last.context().close();
  },
);
