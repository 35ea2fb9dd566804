import { readdir } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "../../../src/app/listen.ts";
import { readConfig } from "../../../src/config/config.ts";
import { pluginSource } from "../../plugins/plugin-source.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { cbz } from "../cbz.ts";
import { upload } from "../library-contract.ts";
import { startRemote } from "./open-remote.ts";
import { failing, KEY, recordedLanraragi } from "./recorded.ts";

/** Counts pages and reads one, so that a call needs the archive's file. */
const tagger = pluginSource(
  { namespace: "tagger", type: "metadata" },
  `const names = (await ctx.archive.entries()).map((e) => e.name).filter((n) => /jpg|PNG/.test(n));
   return { tags: ["pages:" + names.length, "says:" + await ctx.archive.text(names[0])] };`,
);

/** A server whose library is the server at this address. */
const beside = async (data: string, address: string, key: string) => {
  const settings = { library: `lanraragi+${address}`, libraryKey: key, libraryPoll: "1" };
  const config = readConfig({ data, port: "0", warm: "0", log: "silent", ...settings }, {});
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const server = await startServer(config, log);
  onTestFinished(() => server.stop());
  const client = createClient(server.address, server.apiKey.key);
  return { server, client, lines };
};

test("a plugin tags new archives of the other server, including those added while this server was down", async () => {
  const remote = await startRemote();
  const there = remote.services.library;
  const data = path.join(await tempFolder(), "data");
  const old = await there.add(upload("old.cbz", cbz("old")));
  const tagsOf = async (id: string) => (await there.get(id)).tags;

  const first = await beside(data, remote.address, remote.apiKey.key);
  await first.client.sideloadPlugin({ file: new Blob([tagger]), filename: "tagger.ts", body: {} });
  await first.client.configurePlugin({ params: { namespace: "tagger" }, body: { enabled: true } });
  await vi.waitFor(() =>
    expect(first.lines.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/first time/)),
  );
  const came = await there.add(upload("came.cbz", cbz("came")));
  await vi.waitFor(async () => expect(await tagsOf(came.id)).toBe("pages:2, says:first page of came"));
  expect(await readdir(data)).not.toContain("library");
  await first.server.stop();

  const away = [await there.add(upload("a.cbz", cbz("a"))), await there.add(upload("b.cbz", cbz("b")))];
  const second = await beside(data, remote.address, remote.apiKey.key);
  for (const { id } of away) await vi.waitFor(async () => expect(await tagsOf(id)).toMatch(/^pages:2/));
  const { items } = await second.client.listJobs({ query: { size: 5 } });
  expect(items[0]).toMatchObject({ task: "run_batch", args: [null, expect.anything(), null] });
  expect(await tagsOf(old.id)).toBe("");

  await second.client.queuePlugin({ query: { plugin: "tagger", id: old.id } });
  await vi.waitFor(async () => expect(await tagsOf(old.id)).toMatch(/^pages:2/));
  await vi.waitFor(async () => expect(await second.client.getInfo({})).toMatchObject({ total_archives: 4 }));
  expect(JSON.stringify([...first.lines, ...second.lines])).not.toContain(remote.apiKey.key);
});

test("during an outage of the other server this one answers, logs it once, and recovers by itself", async () => {
  const recorded = await recordedLanraragi();
  recorded.add("one.cbz", cbz("one"));
  const down = Array.from({ length: 200 }, () => failing(502));
  recorded.next("GET /api", ...down);
  const data = path.join(await tempFolder(), "data");
  const { client, lines } = await beside(data, recorded.address, KEY);
  const logged = (words: RegExp) => lines.filter(({ msg }) => words.test(String(msg))).length;
  await vi.waitFor(() => expect(logged(/cannot be reached/)).toBe(1));
  expect(await client.getInfo({})).toMatchObject({ total_archives: 0 });
  await expect(client.listArchives({})).rejects.toMatchObject({ status: 502, code: "LIBRARY_UNREACHABLE" });
  recorded.clear();
  await vi.waitFor(() => expect(logged(/answers again/)).toBe(1));
  expect(logged(/cannot be reached/)).toBe(1);
  await vi.waitFor(async () => expect(await client.getInfo({})).toMatchObject({ total_archives: 1 }));
});

test("a batch stops when the other server becomes unreachable, and gives the reason", async () => {
  const recorded = await recordedLanraragi();
  for (const seed of ["a", "b", "c"]) recorded.add(`${seed}.cbz`, cbz(seed));
  const data = path.join(await tempFolder(), "data");
  const { client } = await beside(data, recorded.address, KEY);
  await client.sideloadPlugin({ file: new Blob([tagger]), filename: "tagger.ts", body: {} });
  recorded.next("GET /api/archives/", ...Array.from({ length: 200 }, () => failing(503)));
  const { job } = await client.startBatch({ body: { plugin: "tagger", all: true } });
  await vi.waitFor(async () => {
    const { state, result } = await client.getJobDetail({ params: { job } });
    expect([state, result]).toEqual([
      "finished",
      expect.objectContaining({ success: 0, code: "LIBRARY_UNREACHABLE" }),
    ]);
  });
  const { counts } = await client.getBatch({ params: { job }, query: { outcome: "failed" } });
  expect(counts).toMatchObject({ failed: 0, changed: 0 });
  expect([...recorded.archives.values()].map(({ tags }) => tags)).toEqual(["", "", ""]);
});
