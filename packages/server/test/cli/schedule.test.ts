import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Permissions } from "@hitagi/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pluginText } from "../http/plugin-sources.ts";
import { offered } from "../install/plugin-source.ts";
import { cbz } from "../library/cbz.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  const feed = pluginText("feed", "1.0.0", "script", "async run() { return {}; },", 'oneshot_arg: "A word",');
  await writeFile(path.join(world.folder, "feed.ts"), feed);
  expect((await world.run("sideload", "feed.ts")).code).toBe(0);
});
afterAll(() => world.close());

const schedule = (...argv: string[]) => world.run("schedule", ...argv);

it("adds schedules of each kind of work, and lists them with their next runs", async () => {
  const empty = await schedule("list");
  expect(empty.out).toContain('hitagi schedule add "every day 03:00" upgrade');
  const zone = ["--zone", "Europe/Berlin"];
  const made = await schedule("add", "every day 03:00", "upgrade", ...zone);
  expect([made.code, made.out]).toEqual([
    0,
    expect.stringMatching(
      /^Schedule 1 \(upgrade all plugins\) runs next at 20\d\d-\d\d-\d\d 03:00 \+0[12]\.\n$/,
    ),
  ]);
  await schedule("add", "every monday 04:30", "refresh", ...zone);
  await schedule("add", "0 5 * * *", "batch", "--plugin", "filename-parse", "--all", ...zone);
  const sources = await schedule("add", "@weekly", "batch", "--by-source", "--all", "--json");
  expect(sources.json).toMatchObject({ title: "batch by source over all archives" });
  await schedule("remove", "4");
  const { json } = await schedule("add", "every hour", "run", "feed", "--arg", "secret", "--json");
  expect(json).toMatchObject({ id: 5, when: "every hour", work: { kind: "run", plugin: "feed" } });
  const { out } = await schedule("list");
  expect(out.split("\n").map((line) => line.replace(/ {2,}/g, "|").replace(/20[\d-]+/, "DATE"))).toEqual([
    "ID|WHEN|WORK|NEXT|LAST",
    expect.stringMatching(/^1\|every day 03:00\|upgrade all plugins\|DATE 03:00 \+0[12]\|-$/),
    expect.stringMatching(/^2\|every monday 04:30\|refresh all registries\|DATE 04:30 \+0[12]\|-$/),
    expect.stringMatching(/^3\|0 5 \* \* \*\|batch filename-parse over all archives\|DATE 05:00 \+0[12]\|-$/),
    expect.stringMatching(/^5\|every hour\|run feed\|DATE \d\d:00 .+\|-$/),
    "",
  ]);
  expect(out).not.toContain("secret");
});

it("runs one now, shows how it ended, pauses, resumes, changes and removes it", async () => {
  const { json: started } = await schedule("run", "2", "--json");
  expect((await world.run("job", "wait", String(started.job))).code).toBe(0);
  const shown = await schedule("show", "2");
  expect(shown.out).toMatch(/^Last +ok, /m);
  expect(shown.out).toMatch(new RegExp(`^Last job +${started.job}$`, "m"));
  expect(shown.out).toMatch(/^Last due .*started by hand$/m);
  expect((await schedule("pause", "2")).out).toBe("Schedule 2 (refresh all registries) is paused.\n");
  expect((await schedule("resume", "2")).out).toContain("runs next at");
  const changed = await schedule("change", "2", "every friday 22:00", "--json");
  expect(changed.json).toMatchObject({ cron: "0 22 * * fri", zone: "Europe/Berlin" });
  const kept = await world.inTerminal("n\n", "schedule", "remove", "2");
  expect([kept.code, kept.err]).toEqual([
    1,
    expect.stringContaining("Schedule 2 is refresh all registries, every friday 22:00. Remove it? [y/N]"),
  ]);
  expect((await schedule("remove", "2")).out).toBe("Schedule 2 (refresh all registries) was removed.\n");
  expect((await schedule("show", "2")).err).toContain("Schedule 2 doesn't exist.");
});

it("removes several schedules at once, and none where one does not exist", async () => {
  const ids: string[] = [];
  for (const when of ["every day 01:00", "every day 02:00"])
    ids.push(String((await schedule("add", when, "refresh", "--json")).json.id));
  const refused = await schedule("remove", ...ids, "999", "--yes");
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("Schedule 999 doesn't exist.")]);
  const removed = await schedule("remove", ...ids);
  expect(removed.out).toBe(
    ids.map((id) => `Schedule ${id} (refresh all registries) was removed.\n`).join(""),
  );
  expect(removed.err.match(/To undo: /g)).toHaveLength(2);
});

it("says of a batch how many archives failed, wherever its end is told", async () => {
  const failing = pluginText(
    "failing",
    "1.0.0",
    "metadata",
    'async getTags(ctx) { if (ctx.archive.title !== "good") throw new Error("no page"); return {}; },',
  );
  await writeFile(path.join(world.folder, "failing.ts"), failing);
  await world.run("sideload", "failing.ts");
  for (const name of ["bad", "worse", "good"]) {
    await writeFile(path.join(world.folder, `${name}.cbz`), cbz(name));
    await world.run("library", "add", `${name}.cbz`);
  }
  const endOf = async (...archives: string[]) => {
    const work = ["batch", "--plugin", "failing", ...archives];
    const id = String((await schedule("add", "every day 03:00", ...work, "--json")).json.id);
    const job = String((await schedule("run", id, "--json")).json.job);
    const waited = await world.run("job", "wait", job);
    const last = (await schedule("show", id, "--json")).json.last;
    const listed = (await schedule("list")).out.split("\n").find((line) => line.startsWith(`${id} `));
    const jobs = (await world.run("job", "list")).out.split("\n").find((line) => line.startsWith(`${job} `));
    const told = (await world.run("history", "--json", "--outcome", "failed")).json.items;
    await schedule("remove", id, "--yes");
    return { job, waited, last, listed, jobs, told: told.map((one: { job: number }) => one.job) };
  };
  const all = await endOf("bad.cbz", "worse.cbz");
  expect(all.last).toMatchObject({ outcome: "SOME_FAILED", failed: 2, total: 2 });
  expect([all.listed, all.jobs]).toEqual(Array(2).fill(expect.stringContaining("2 of 2 failed")));
  expect(all.told).toContain(Number(all.job));
  expect([all.waited.code, all.waited.err]).toEqual([
    1,
    expect.stringContaining(
      `Job ${all.job}: 2 of 2 failed.\nhint: \`hitagi batch report ${all.job} --failed\``,
    ),
  ]);
  expect((await endOf("--all")).last).toMatchObject({ outcome: "SOME_FAILED", failed: 2, total: 3 });
  const none = await endOf("good.cbz");
  expect(none.last.outcome).toBe("ok");
  expect(none.last).not.toHaveProperty("failed");
  expect([none.waited.code, none.listed]).toEqual([0, expect.stringContaining("ok, ")]);
});

it("tells that all enabled plugins failed on a new archive", async () => {
  await world.run("enable", "failing");
  await writeFile(path.join(world.folder, "new.cbz"), cbz("new"));
  await world.run("library", "add", "new.cbz");
  const job = (await world.run("job", "list", "--json")).json.items.find(
    ({ task }: { task: string }) => task === "run_enabled_plugins",
  );
  const waited = await world.run("job", "wait", String(job.id));
  expect([waited.code, waited.err]).toEqual([1, expect.stringContaining(" failed.\nhint: `hitagi job show")]);
  await world.run("disable", "failing");
});

it("says which schedules cannot run any more, when what they name goes and wherever they are shown", async () => {
  const { json: made } = await schedule("add", "every day", "run", "feed", "--json");
  expect(made.problem).toBeNull();
  const id = String(made.id);
  const removed = await world.run("uninstall", "feed", "--yes");
  expect(removed.err).toContain(`Schedule ${id} (run feed) cannot run: Plugin feed is not installed.`);
  expect((await schedule("list")).err).toContain(
    `Schedule ${id} (run feed) cannot run: Plugin feed is not installed.`,
  );
  const shown = await schedule("show", id);
  expect(shown.out).toMatch(/^Cannot run +Plugin feed is not installed/m);
  expect((await schedule("show", id, "--json")).json.problem).toMatchObject({ code: "PLUGIN_NOT_INSTALLED" });
  const other = pluginText("feed", "2.0.0", "metadata", "async getTags() { return {}; },");
  await writeFile(path.join(world.folder, "feed-2.ts"), other);
  await world.run("sideload", "feed-2.ts");
  expect((await schedule("show", id, "--json")).json.problem).toMatchObject({
    code: "SCHEDULE_NEEDS_ARCHIVE",
  });
  await world.run("uninstall", "feed", "--yes");
  expect((await world.run("rollback", "feed", "1.0.0")).code).toBe(0);
  expect((await schedule("show", id, "--json")).json.problem).toBeNull();
  expect((await schedule("list")).err).toBe("");
  await schedule("remove", id);
});

it("upgrades plugins, all or the named ones, and leaves to the owner what an automatic update leaves", async () => {
  const versions = (name: string, asked: Permissions = {}) => {
    const [first, second] = [offered(name, ["1.0.0"]), offered(name, ["1.1.0"], { permissions: asked })];
    return { ...first, versions: [...first.versions, ...second.versions] };
  };
  const lasting = [versions("plain"), versions("named"), versions("greedy", { library: "write" })];
  const comics = path.join(world.folder, "comics");
  await writeRegistry(comics, [...lasting, offered("gone", ["1.0.0"])]);
  await world.run("registry", "add", "./comics");
  const names = ["plain", "named", "greedy", "gone"];
  for (const name of names) expect((await world.run("install", name, "--version", "1.0.0")).code).toBe(0);
  await writeRegistry(comics, [...lasting, offered("gone", ["1.1.0"])]);
  await world.run("registry", "refresh", "comics");
  const versionsNow = async () =>
    Promise.all(names.map(async (name) => (await world.run("info", name, "--json")).json.installed.version));
  const endOf = async (...named: string[]) => {
    const { id } = (await schedule("add", "every day 03:00", "upgrade", ...named, "--json")).json;
    const job = String((await schedule("run", String(id), "--json")).json.job);
    const waited = await world.run("job", "wait", job);
    const { last } = (await schedule("show", String(id), "--json")).json;
    const told = (await world.run("history", "--json", "--action", "upgrade_plugins")).json.items;
    await schedule("remove", String(id));
    return { waited, last, told: told.filter((one: { job: number }) => one.job === Number(job)) };
  };
  const one = await endOf("named");
  expect([one.waited.code, one.last.outcome]).toEqual([0, "ok"]);
  expect(await versionsNow()).toEqual(["1.0.0", "1.1.0", "1.0.0", "1.0.0"]);

  const all = await endOf();
  expect(await versionsNow()).toEqual(["1.1.0", "1.1.0", "1.0.0", "1.0.0"]);
  expect(all.last.outcome).toBe("UPDATE_NEEDS_OWNER");
  expect([all.waited.code, all.waited.err]).toEqual([
    1,
    expect.stringMatching(
      /gone: .*no longer offers.* greedy: greedy 1\.1\.0 asks for more permissions than were granted: library:write/,
    ),
  ]);
  expect(all.told).toMatchObject([{ outcome: "UPDATE_NEEDS_OWNER" }]);
  expect((await world.run("upgrade", "--list")).out).toMatch(/^greedy +1\.0\.0 +1\.1\.0/m);
});

it("asks for the address of a download plugin", async () => {
  const text = pluginText(
    "fetcher",
    "1.0.0",
    "download",
    "async provideUrl() { return {}; },",
    'url_regex: "^https://example[.]org/",',
  );
  await writeFile(path.join(world.folder, "fetcher.ts"), text);
  await world.run("sideload", "fetcher.ts");
  const refused = await schedule("add", "every day", "run", "fetcher");
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("the schedule names none")]);
  const taken = await schedule("add", "every day", "run", "fetcher", "--arg", "https://example.org/1");
  expect(taken.code).toBe(0);
});

it.each([
  [["every day", "run"], "run takes one plugin."],
  [["every day", "refresh", "x"], "refresh takes no names."],
  [["every day", "batch", "--all"], "No plugin was given."],
  [["every day", "batch", "--enabled"], "No archives were given."],
  [["every day", "batch", "--enabled", "--by-source", "--all"], "No plugin was given."],
  [["every day", "dance"], "Allowed choices are run, batch, refresh, upgrade."],
  [["sometimes", "refresh"], "sometimes is no time for a schedule"],
  [["every day", "run", "nobody"], "nobody is not installed"],
  [["every day", "run", "copytags"], "copytags works on an archive, and the schedule names none."],
  [["every day", "run", "copytags"], "batch --plugin copytags --all"],
])("says what is wrong with %j", async (argv, message) => {
  const ran = await schedule("add", ...argv);
  expect(ran.code).not.toBe(0);
  expect(ran.err).toContain(message);
});
