import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pluginText } from "../http/plugin-sources.ts";
import { cbz } from "../library/cbz.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await world.run("key", "add", "one", "--scope", "read");
  await world.run("key", "add", "two", "--scope", "read");
  await world.run("key", "revoke", "nobody", "--yes");
});
afterAll(() => world.close());

it("shows actors and actions as a table, newest first", async () => {
  const { out } = await world.run("history");
  const [head, ...rows] = out
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/\s{2,}/));
  expect(head).toEqual(["TIME", "WHO", "ACTION", "SUBJECT", "OUTCOME", "TOOK", "JOB", "DETAILS"]);
  expect(rows.map((r) => [r[1], r[2], r[3], r[4], r[6]])).toEqual([
    ["api-key (cli)", "revoke_key", "key nobody", "KEY_NOT_FOUND", "-"],
    ["api-key (cli)", "create_key", "key two", "ok", "-"],
    ["api-key (cli)", "create_key", "key one", "ok", "-"],
  ]);
});

it("is filtered and paged", async () => {
  expect((await world.run("history", "--outcome", "failed", "--json")).json).toMatchObject({ total: 1 });
  expect((await world.run("history", "--subject", "one", "--since", "1h", "--json")).json.items).toHaveLength(
    1,
  );
  expect((await world.run("history", "--until", "1h")).out).toBe("No matching entries.\n");
  const page = await world.run("history", "--size", "2");
  expect(page.err).toBe("2 of 3. For the next page, use --page 2.\n");
});

it("prints all as JSON lines", async () => {
  const { out } = await world.run("history", "--jsonl", "--action", "create_key");
  const entries = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(entries.map((e) => e.subject.id)).toEqual(["two", "one"]);
});

it("answers what happened to a plugin and to an archive, by name, version and count", async () => {
  const tagger = (version: string) =>
    pluginText("tagger", version, "metadata", `async getTags() { return { tags: ["v:${version}"] }; },`);
  for (const version of ["1.0.0", "1.1.0"]) {
    await writeFile(path.join(world.folder, "tagger.ts"), tagger(version));
    expect((await world.run("sideload", "tagger.ts")).code).toBe(0);
  }
  await writeFile(path.join(world.folder, "=comic.cbz"), cbz("comic"));
  await world.run("library", "add", "=comic.cbz");
  expect((await world.run("batch", "run", "--plugin", "tagger", "--all", "--yes")).code).toBe(0);
  expect((await world.run("run", "tagger", "--archive", "=comic.cbz", "--apply")).code).toBe(0);
  expect((await world.run("rollback", "tagger")).code).toBe(0);

  const ofPlugin = (await world.run("history", "--plugin", "tagger", "--json")).json.items;
  expect(ofPlugin.map((e: { action: string }) => e.action)).toEqual([
    "rollback_plugin",
    "run_plugin",
    "run_batch",
    "sideload_plugin",
    "sideload_plugin",
  ]);
  expect(ofPlugin[0].details.plugins).toEqual([{ namespace: "tagger", from: "1.1.0", to: "1.0.0" }]);
  expect(ofPlugin[2].details.counts).toEqual({ changed: 1 });

  const { out } = await world.run("history", "--archive", "=comic.cbz", "--since", "yesterday");
  const rows = out.trimEnd().split("\n").slice(1);
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatch(/run_plugin .* =comic \([0-9a-f]{8}\)$/);
  expect(rows[1]).toMatch(/run_batch .* changed: tags$/);
  expect(rows[2]).toMatch(/archive =comic \([0-9a-f]{8}\)/);

  const csv = (await world.run("history", "--archive", "=comic.cbz", "--csv")).out.split("\r\n");
  expect(csv[0]).toBe("time,actor,key,action,kind,id,name,outcome,ms,job,details");
  expect(csv[3]).toMatch(/^\d{4}-\d\d-\d\dT[\d:]+Z,cli,api-key,upload,archive,[0-9a-f]{40},'=comic,ok,/);
});

it("shows what a batch and its undo did to one archive, not to all", async () => {
  const text = `async getTags(ctx) { return { tags: ctx.archive.title === "left" ? [] : ["odd:one"] }; },`;
  await writeFile(path.join(world.folder, "odd.ts"), pluginText("odd", "1.0.0", "metadata", text));
  await world.run("sideload", "odd.ts");
  for (const name of ["left.cbz", "taken.cbz"]) {
    await writeFile(path.join(world.folder, name), cbz(name));
    await world.run("library", "add", name);
  }
  const batch = await world.run("batch", "run", "--plugin", "odd", "--all", "--yes", "--json");
  expect(batch.code, batch.err).toBe(0);
  const rows = async (archive: string) =>
    (await world.run("history", "--archive", archive, "--json")).json.items.filter(
      ({ action }: { action: string }) => action.endsWith("_batch"),
    );
  const [run] = await rows("taken.cbz");
  const undone = await world.run("batch", "undo", String(run.job), "--yes");
  expect(undone.code, undone.err).toBe(0);
  const change = { before: { tags: run.details.change.before.tags }, after: { tags: "odd:one" } };
  expect(await rows("taken.cbz")).toMatchObject([
    {
      action: "undo_batch",
      details: { outcome: "undone", change: { before: change.after, after: change.before } },
    },
    { action: "run_batch", details: { outcome: "changed", change } },
  ]);
  const left = await rows("left.cbz");
  expect(left).toMatchObject([{ action: "run_batch", details: { outcome: "nothing_found" } }]);
  expect(left[0].details.counts).toBeUndefined();
  const { out } = await world.run("history", "--archive", "taken.cbz", "--csv");
  expect(out).toMatch(/,undo_batch,.*,undone: tags\r/);
  expect((await world.run("history", "--archive", "taken.cbz")).out).toMatch(/undo_batch .* undone: tags$/m);
});

it.each(["archive", undefined])("the short id of a list is taken as subject, kind %s", async (kind) => {
  const { json } = await world.run("library", "show", "=comic.cbz", "--json");
  const ofKind = kind === undefined ? [] : ["--kind", kind];
  const whole = (await world.run("history", "--subject", json.arcid, "--json")).json;
  expect(whole.total).toBeGreaterThan(0);
  const short = await world.run("history", "--subject", json.arcid.slice(0, 8), ...ofKind, "--json");
  expect(short.json).toEqual(whole);
});

it("a deleted archive is found by its short id, in the history and in logs", async () => {
  await writeFile(path.join(world.folder, "gone.cbz"), cbz("gone"));
  await world.run("library", "add", "gone.cbz");
  const { arcid } = (await world.run("library", "show", "gone.cbz", "--json")).json;
  await world.run("run", "tagger", "--archive", "gone.cbz");
  await world.run("library", "remove", "gone.cbz", "--yes");
  const start = arcid.slice(0, 8);
  const actions = (ran: { json: { items: { action: string }[] } }) =>
    ran.json.items.map(({ action }) => action);
  const bySubject = await world.run("history", "--subject", start, "--json");
  expect(actions(bySubject)).toEqual(["delete_archive", "upload"]);
  expect(actions(await world.run("history", "--archive", start, "--json"))).toEqual(actions(bySubject));
  expect((await world.run("logs", "tagger", "--archive", start)).code).toBe(0);
  const unknown = await world.run("history", "--archive", "0000dead");
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("There is no archive 0000dead.")]);
});

it("a registry is taken as subject by its name", async () => {
  await mkdir(path.join(world.folder, "place"));
  await world.run("registry", "add", "./place", "--no-refresh", "--name", "My place");
  const { json } = await world.run("history", "--kind", "registry", "--subject", "My place", "--json");
  expect(json.items).toMatchObject([{ action: "create_registry", details: { name: "My place" } }]);
});
