import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { pluginSource } from "../../server/test/plugins/plugin-source.ts";
import { addComics } from "./support/comics.ts";
import {
  addExampleRegistry,
  installPlugin,
  openAt,
  openPageServer,
  type PageServer,
  withoutChromium,
} from "./support/page-server.ts";

describe.skipIf(withoutChromium)("the place Activity", () => {
  let server: PageServer;
  let batch: number;
  beforeAll(async () => {
    server = await openPageServer();
    await addComics(server, ["One", "Two"]);
    await installPlugin(server, "echo", await addExampleRegistry(server));
    batch = (await server.client.startBatch({ body: { plugin: "comic-info" as never, all: true } })).job;
  });
  const open = (place: string) => openAt(server, place);

  test("a failed job shows its cause, and is done once more", async () => {
    await server.client.downloadUrl({ body: { url: "https://example.invalid/1" } }).catch(() => undefined);
    await server.client.queuePlugin({ body: { plugin: "comic-info" as never, id: "0".repeat(40) } });
    const page = await open("/activity");
    await page.getByRole("listitem").getByText("Failed", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Try again" }).first().click();
    await page.getByText("A new job does it once more.").waitFor();
    await page.context().close();
  });

  test("a batch is paused and goes on, and each button says what it is at", async () => {
    const { client } = server;
    const slow = pluginSource({ namespace: "slow" as never, type: "metadata", cooldown: 600 }, "return {};");
    await client.sideloadPlugin({ file: new Blob([slow]), filename: "slow.ts", body: {} });
    const { job } = await client.startBatch({ body: { plugin: "slow" as never, all: true } });
    const isPausing = async () => (await client.getBatch({ params: { job } })).batch.pausing;
    const page = await open("/activity?tab=batches");
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.getByText("Pausing", { exact: true }).waitFor();
    expect(await isPausing()).toBe(true);
    await page.getByRole("button", { name: "Go on now" }).click();
    await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
    expect(await isPausing()).toBe(false);
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByRole("button", { name: "Pause", exact: true }).waitFor({ state: "detached" });
    await page.context().close();
  });

  test("the report of a batch names each outcome, with the texts before and after", async () => {
    const page = await open(`/activity?tab=batches&batch=${batch}`);
    await page.getByRole("button", { name: "Before and after" }).first().click();
    await page
      .getByText(/^\+ writer:Ann of/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Undo 2 changes" }).click();
    await page.getByText("The changes are being undone.").waitFor();
    await page.context().close();
  });

  test("a schedule is added, paused and removed, each with its undo; a time that is none is said in place", async () => {
    const page = await open("/activity?tab=schedules");
    await page.getByLabel("When").fill("every blue moon");
    await page.getByRole("button", { name: "Add the schedule" }).click();
    await page.getByRole("alert").first().waitFor();
    await page.getByLabel("When").fill("every day 03:00");
    await page.getByRole("button", { name: "Add the schedule" }).click();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByText("Nothing is scheduled").waitFor();
    await page.context().close();
  });

  test("a schedule tells that its batch failed on archives, as its job does, and why its next run would fail", async () => {
    const { client } = server;
    const failing = pluginSource(
      { namespace: "failing" as never, type: "metadata" },
      'throw new Error("no");',
    );
    await client.sideloadPlugin({ file: new Blob([failing]), filename: "failing.ts", body: {} });
    const work = { kind: "batch", plugin: "failing" } as const;
    const { schedule } = await client.createSchedule({
      body: { when: "every day 03:00", zone: "UTC", work },
    });
    await client.runSchedule({ params: { id: schedule.id } });
    const page = await open("/activity?tab=schedules");
    await page.getByText("2 of 2 failed", { exact: true }).waitFor();
    await client.uninstallPlugin({ params: { namespace: "failing" as never }, query: {} });
    await page.getByText("Its next run would fail: Plugin failing is not installed.").waitFor();
    await page.goto(`${server.address}/activity`);
    await page.getByRole("listitem").getByText("2 of 2 failed", { exact: true }).first().waitFor();
    await page.context().close();
    await client.deleteSchedule({ params: { id: schedule.id } });
  });

  test("the history says what became of the settings of a removed plugin, and calls a failure one", async () => {
    const { client } = server;
    await client.uninstallPlugin({ params: { namespace: "echo" as never }, query: { dropSettings: true } });
    await client.deleteRegistry({ params: { id: "REG_1" } }).catch(() => undefined);
    const page = await open("/activity?tab=history");
    const line = (words: string) => page.getByRole("listitem").filter({ hasText: words }).first();
    await line("Removed a plugin").getByText("with its settings").waitFor();
    await line("Removed a registry")
      .getByText(/^Failed: [A-Z_]+$/)
      .waitFor();
    await page.goto(server.address);
    await line("Removed a plugin: echo").getByText("with its settings").waitFor();
    await page.context().close();
  });

  test("the history is filtered, and handed out as a file", async () => {
    const page = await open("/activity?tab=history&kind=archive");
    await page.getByRole("link", { name: "One" }).first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export" }).click(),
    ]);
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
    for (const line of lines) expect(JSON.parse(line).subject.kind).toBe("archive");
    await page.context().close();
  });
});
