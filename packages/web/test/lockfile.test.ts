import { readFile } from "node:fs/promises";
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
  "the set of a server is saved, and a sync with it shows its plan and carries it out",
  async () => {
    const server = await openPageServer();
    await installPlugin(server, "page-count", await addExampleRegistry(server));
    const page = await openAt(server, "/server/lockfile");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save hitagi.lock" }).click(),
    ]);
    const text = await readFile(await download.path(), "utf8");
    expect(JSON.parse(text).plugins["page-count"]).toMatchObject({ origin: "managed" });
    await server.client.uninstallPlugin({ params: { namespace: "page-count" as never } });
    const choose = async (content: string) => {
      const [chooser] = await Promise.all([
        page.waitForEvent("filechooser"),
        page.getByRole("button", { name: "Choose a lock file" }).click(),
      ]);
      const buffer = Buffer.from(content);
      await chooser.setFiles({ name: "hitagi.lock", mimeType: "application/json", buffer });
    };
    await choose("{");
    await page.getByText("hitagi.lock is no lock file.").waitFor();
    await choose(text);
    const change = page.getByRole("listitem").filter({ hasText: "page-count" });
    await change.getByText("Restore").or(change.getByText("Install")).first().waitFor();
    await keepPicture(page, "sync-plan");
    await page.getByRole("button", { name: "Sync", exact: true }).click();
    await page.getByText("The plugins are as the lock file says").waitFor();
    const { plugins } = await server.client.listInstalled({});
    expect(plugins.map(({ namespace }) => namespace)).toContain("page-count");
    await page.context().close();
  },
);
