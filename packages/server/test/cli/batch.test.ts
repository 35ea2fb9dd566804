import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { pluginText, waiting } from "../http/plugin-sources.ts";
import { cbz } from "../library/cbz.ts";
import { gate } from "../support/gate.ts";
import { openCliWorld, runCaptured, type World } from "./cli-world.ts";

let world: World;
let site: ReturnType<typeof createServer>;
/** What the site answers. */
let answer: { status: number; headers?: Record<string, string> } = { status: 200 };
/** What its answers wait for. */
let held: Promise<void> | undefined;
/** Requests that are answered at once, before others wait. */
let free = 0;

beforeAll(async () => {
  world = await openCliWorld();
  site = createServer(async (_, response) => {
    if (free > 0) free--;
    else await held;
    response.writeHead(answer.status, answer.headers).end("page");
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(site.address() as AddressInfo).port}`;
  const sources = {
    picky: pluginText(
      "picky",
      "1.0.0",
      "metadata",
      `async getTags(ctx) {
        if (ctx.archive.title === "bad") throw new Error("cannot read “" + ctx.archive.title + "”");
        if (ctx.archive.title === "none") return {};
        return { tags: ["found:yes"], title: ctx.archive.title + " found" };
      },`,
    ),
    reader: pluginText(
      "reader",
      "1.0.0",
      "metadata",
      `async getTags() {
        const response = await fetch("http://${host}/");
        if (!response.ok) throw new Error("no page");
        return { tags: ["read:yes"] };
      },`,
      `permissions: { net: ["${host}"] },`,
    ),
  };
  for (const [name, source] of Object.entries(sources)) {
    await writeFile(path.join(world.folder, `${name}.ts`), source);
    expect((await world.run("sideload", `${name}.ts`)).code).toBe(0);
  }
  for (const name of ["good", "bad", "none"]) {
    await writeFile(path.join(world.folder, `${name}.cbz`), cbz(name));
    expect((await world.run("library", "add", `${name}.cbz`)).code).toBe(0);
  }
});
afterAll(async () => {
  await world.close();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
});

test("a batch without enabled plugins says how to enable one", async () => {
  const { code, err } = await world.run("batch", "run", "--enabled", "--all");
  expect(code).toBe(1);
  expect(err).toMatch(/^error: No metadata plugin is enabled/m);
  expect(err).toMatch(/^hint: Enable one with `hitagi enable <namespace>`/m);
  const report = await world.run("batch", "report");
  expect([report.code, report.err]).toEqual([1, expect.stringContaining("No batch has run")]);
  expect((await world.run("batch", "list")).out).toContain("No batch has run");
});

test("a dry run shows what a batch would change on the first archives, and stores nothing", async () => {
  await world.run("policy", "fields", "set", "title=never", "--plugin", "picky");
  const before = (await world.run("library", "list", "--json")).json;
  const all = ["batch", "run", "--plugin", "picky", "--all", "--dry-run"];
  const { code, out, err } = await world.run(...all);
  expect([code, err]).toEqual([0, "This was a trial: nothing was stored.\n"]);
  expect(out.trimEnd().split("\n")).toEqual([
    '"good.cbz" would change',
    '  tags: "found:yes"',
    "  held back by policy: title",
    '"bad.cbz" failed',
    expect.stringContaining("  picky: The plugin failed: "),
    '"none.cbz" nothing found',
    "",
    "The batch would run picky on 3 archives.",
    "Of these: 1 would change, 1 nothing found, 1 failed.",
  ]);
  const { json } = await world.run(...all, "--size", "1", "--json");
  expect(json).toMatchObject({
    archives: 3,
    counts: { changed: 1 },
    tried: [{ trial: { archive: { title: "good" } } }],
  });
  expect((await world.run(...all, "--size", "1")).out).toContain("Of the first 1: 1 would change.");
  expect((await world.run("batch", "run", "--plugin", "picky", "--all", "--size", "1")).code).toBe(2);
  expect((await world.run("library", "list", "--json")).json).toEqual(before);
  expect((await world.run("batch", "list")).out).toContain("No batch has run");
  await world.run("policy", "fields", "unset", "--plugin", "picky");
});

test("a batch is told by counts and reasons, and exits with 1 only where a plugin failed", async () => {
  const ran = await world.run("batch", "run", "--plugin", "picky", "--all");
  expect(ran.code).toBe(1);
  expect(ran.out).toBe("1 changed, 1 nothing found, 1 failed.\n");
  expect(ran.err).toMatch(/^error: A plugin failed on 1 archive\.$/m);
  expect(ran.err).toMatch(/^ {2}1 archive, picky: .*cannot read.* \("bad\.cbz"\)$/m);
  const clean = await world.run("batch", "run", "--plugin", "picky", "none.cbz");
  expect([clean.code, clean.out]).toEqual([0, "1 nothing found.\n"]);
});

test("a report has paths and titles, fits in the terminal, and is complete as JSON", async () => {
  const { json } = await world.run("batch", "list", "--json");
  const job = `${json[1].job}`;
  let out = "";
  const stdout = { write: (text: string) => (out += text), columns: 80 };
  const env = { HITAGI_SERVER: world.server.address };
  await runCaptured(["batch", "report", job], { cwd: world.folder, env, stdout });
  const lines = out.trimEnd().split("\n");
  expect(lines[0]).toMatch(
    new RegExp(`^Batch ${job} of picky ended \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d \\S+\\.$`),
  );
  expect(lines[1]).toBe("1 changed, 1 nothing found, 1 failed.");
  const rows = lines.slice(lines.findIndex((line) => line.startsWith("PATH")));
  expect(rows[0]?.split(/\s+/)).toEqual(["PATH", "TITLE", "OUTCOME", "WHAT"]);
  expect(rows.find((line) => line.startsWith("good.cbz"))).toMatch(
    /good +changed +title: "good found"; tags/,
  );
  for (const row of rows) expect(row.length).toBeLessThanOrEqual(80);
  expect(out).not.toMatch(/[0-9a-f]{40}/);
  const report = (await world.run("batch", "report", job, "--failed", "--json")).json;
  expect(report).toMatchObject({
    batch: { job: Number(job), plugin: "picky", state: "finished" },
    counts: { changed: 1, failed: 1 },
    failures: [{ plugin: "picky", code: "PLUGIN_FAILED", count: 1, archives: ["bad.cbz"] }],
    total: 1,
    items: [
      { file: "bad.cbz", title: "bad", outcome: "failed", archive: expect.stringMatching(/^[0-9a-f]{40}$/) },
    ],
  });
});

test("only the failed archives are run again, and the undo says what it restored, and then that nothing is left", async () => {
  const job = `${(await world.run("batch", "list", "--json")).json[1].job}`;
  expect((await world.run("batch", "report", job, "--retry")).code).toBe(2);
  await world.run("library", "edit", "bad.cbz", "--title", "better");
  const again = await world.run("batch", "report", job, "--failed", "--retry");
  expect([again.code, again.out]).toEqual([0, "1 changed.\n"]);
  expect(again.err).toContain("Runs 1 archive again.");
  const newest = await world.run("batch", "report");
  expect(newest.out).toContain("bad.cbz");
  expect(newest.out).not.toContain("good.cbz");

  await world.run("library", "edit", "good.cbz", "--title", "Mine");
  const undone = await world.run("batch", "undo", job);
  expect(undone.out).toMatch(/^No archive was restored\.\n1 archive could not be restored:\n/);
  expect(undone.out).toMatch(/^good\.cbz +good +Its title changed after the batch\.$/m);
  await world.run("library", "edit", "good.cbz", "--title", "good found");
  expect((await world.run("batch", "undo", job)).out).toBe("Restored 1 archive.\n");
  const last = await world.run("batch", "undo", job);
  expect([last.code, last.out]).toEqual([0, "Nothing is left to undo.\n"]);
});

test("a paused batch says why and until when, everywhere, and goes on when it is resumed", async () => {
  answer = { status: 429, headers: { "retry-after": "7200" } };
  const { json } = await world.run("batch", "run", "--plugin", "reader", "--all", "--detach", "--json");
  const job = `${json.job}`;
  const paused = await vi.waitFor(async () => {
    const { json: report } = await world.run("batch", "report", job, "--json");
    expect(report.batch.paused).toBe(true);
    return report;
  });
  expect(paused.batch.resumes).toBeGreaterThan(Date.now() / 1000 + 7000);
  const report = await world.run("batch", "report", job);
  expect(report.out).toMatch(new RegExp(`^Batch ${job} of reader is paused until \\d{4}-\\d\\d-\\d\\d `));
  expect(report.out).toMatch(/^reader pauses until .*: "127\.0\.0\.1 answered 429"$/m);
  const listed = await world.run("batch", "list");
  expect(listed.out).toMatch(new RegExp(`^${job} +reader +paused`, "m"));
  expect(listed.err).toContain("127.0.0.1 answered 429");
  expect((await world.run("job", "show", job)).out).toMatch(/paused="reader until .*answered 429/);
  answer = { status: 200 };
  expect((await world.run("batch", "resume", job)).out).toBe(`Batch ${job} goes on.\n`);
  await world.run("job", "wait", job);
  expect((await world.run("batch", "report", job)).out).toContain("3 changed");
  const { code, err } = await world.run("batch", "resume", job);
  expect([code, err]).toEqual([1, expect.stringContaining("is not paused")]);
});

test("the owner pauses a batch, which says so, and goes on when it is resumed", async () => {
  const answers = gate();
  held = answers.opened;
  const { json } = await world.run("batch", "run", "--plugin", "reader", "--all", "--detach", "--json");
  const job = `${json.job}`;
  await vi.waitFor(async () =>
    expect((await world.run("batch", "list")).out).toMatch(new RegExp(`^${job} +reader +running`, "m")),
  );
  const paused = await world.run("batch", "pause", job);
  expect(paused.out).toBe(`Batch ${job} pauses. To go on: \`hitagi batch resume ${job}\`.\n`);
  expect((await world.run("batch", "report", job)).out).toContain(`Batch ${job} of reader pauses once`);
  expect((await world.run("batch", "list")).out).toMatch(new RegExp(`^${job} +reader +pausing`, "m"));
  expect((await world.run("batch", "resume", job)).code).toBe(0);
  answers.open();
  held = undefined;
  await world.run("job", "wait", job);
  const { code, err } = await world.run("batch", "pause", job);
  expect([code, err]).toEqual([1, expect.stringContaining(`hitagi batch undo ${job}`)]);
});

test("a batch that is waited for says once that a plugin pauses, and how to go on", async () => {
  answer = { status: 429, headers: { "retry-after": "7200" } };
  const answers = gate();
  held = answers.opened;
  let err = "";
  const io = {
    cwd: world.folder,
    env: { HITAGI_SERVER: world.server.address },
    stderr: { write: (text: string) => (err += text) },
  };
  // The first one is answered while the others still run: the plugin pauses before its batch does.
  free = 1;
  const ran = runCaptured(["batch", "run", "--plugin", "reader", "--all"], io);
  await vi.waitFor(() => expect(err).toContain("reader pauses until"));
  answers.open();
  held = undefined;
  await vi.waitFor(() => expect(err).toContain("To go on now"));
  answer = { status: 200 };
  const job = /^Batch (\d+):/m.exec(err)?.[1] ?? "";
  await world.run("batch", "resume", job);
  expect((await ran).code).toBe(0);
  expect(err.match(/reader pauses until/g)).toHaveLength(1);
  const failed = await world.run("batch", "report", job, "--failed");
  expect(failed.out).toMatch(/\n\nNo archive has failed\.\n$/);
  const none = await world.run("batch", "report", job, "--outcome", "nothing_found");
  expect(none.out).toMatch(/\n\nNo archive has the outcome nothing found\.\n$/);
});

test("a paused batch can be cancelled, and what it did be undone", async () => {
  answer = { status: 429, headers: { "retry-after": "7200" } };
  const { json } = await world.run("batch", "run", "--plugin", "reader", "--all", "--detach", "--json");
  const job = `${json.job}`;
  await vi.waitFor(async () =>
    expect((await world.run("batch", "report", job, "--json")).json.batch.paused).toBe(true),
  );
  expect((await world.run("batch", "undo", job)).err).toContain("has not ended");
  const paused = await world.run("batch", "report", job);
  const begun = (counts: Record<string, number>) => Object.values(counts).reduce((sum, n) => sum + n, 0);
  const { batch } = (await world.run("batch", "report", job, "--json")).json;
  expect(begun(batch.counts) + batch.not_begun).toBe(3);
  expect(paused.out).toContain(`${batch.counts.pending} pending`);
  const cancelled = await world.run("job", "cancel", job);
  expect([cancelled.code, cancelled.err]).toEqual([0, `To undo: \`hitagi job retry ${job}\`\n`]);
  expect((await world.run("batch", "report", job)).out).toMatch(
    new RegExp(`^Batch ${job} of reader was stopped`),
  );
  await vi.waitFor(async () => {
    const [ended] = (await world.run("history", "--action", "run_batch", "--size", "1", "--json")).json.items;
    expect([ended.job, ended.outcome]).toEqual([Number(job), "JOB_CANCELLED"]);
    expect(begun(ended.details.counts)).toBe(3);
  });
  expect((await world.run("batch", "undo", job)).out).toBe("Nothing is left to undo.\n");
});

test("a report offers to run failed archives again once the batch has ended", async () => {
  const { port } = site.address() as AddressInfo;
  const body = `async getTags(ctx) {
    if (ctx.archive.title === "none") throw new Error("no use");
    if (!(await fetch("http://127.0.0.1:${port}/")).ok) throw new Error("no page");
  },`;
  const mixed = pluginText(
    "mixed",
    "1.0.0",
    "metadata",
    body,
    `permissions: { net: ["127.0.0.1:${port}"] },`,
  );
  await writeFile(path.join(world.folder, "mixed.ts"), mixed);
  await world.run("sideload", "mixed.ts");
  answer = { status: 429, headers: { "retry-after": "7200" } };
  const { json } = await world.run("batch", "run", "--plugin", "mixed", "--all", "--detach", "--json");
  const job = `${json.job}`;
  const report = async () => world.run("batch", "report", job);
  await vi.waitFor(async () =>
    expect((await report()).out).toMatch(/ is paused until [\s\S]*Failures by reason:/),
  );
  expect((await report()).err).not.toContain("--retry");
  await world.run("job", "cancel", job);
  expect((await report()).err).toContain(`\`hitagi batch report ${job} --failed --retry\``);
});

test("an undo that is cancelled says how far the batch is restored, and how to go on", async () => {
  const other = await openCliWorld({ jobs: "1" });
  onTestFinished(() => other.close());
  await writeFile(path.join(other.folder, "hold.ts"), waiting("hold"));
  await other.run("sideload", "hold.ts");
  await writeFile(path.join(other.folder, "[Circle] Name.cbz"), cbz("one"));
  await other.run("library", "add", "[Circle] Name.cbz");
  const { json } = await other.run("batch", "run", "--plugin", "filename-parse", "--all", "--yes", "--json");
  expect(json.counts.changed).toBe(1);
  const job = `${json.job}`;
  // It has the only place, so that the undo waits.
  const holding = other.run("run", "hold", "--apply");
  const jobs = async (task: string, state: string): Promise<{ id: number }[]> => {
    const listed = (await other.run("job", "list", "--json")).json.items;
    return listed.filter((one: { task: string; state: string }) => one.task === task && one.state === state);
  };
  await vi.waitFor(async () => expect(await jobs("run_plugin", "active")).toHaveLength(1));
  const undoing = other.run("batch", "undo", job, "--yes");
  await vi.waitFor(async () => expect(await jobs("undo_batch", "inactive")).toHaveLength(1));
  const [waits] = await jobs("undo_batch", "inactive");
  expect((await other.run("job", "cancel", `${waits?.id}`)).code).toBe(0);
  const { code, err } = await undoing;
  expect([code, err]).toEqual([1, expect.stringContaining(`Of batch ${job}: 1 changed.`)]);
  expect(err).toContain(`hint: \`hitagi batch undo ${job}\` restores the others too.`);
  await vi.waitFor(async () => {
    const { items } = (await other.run("history", "--action", "undo_batch", "--json")).json;
    expect(items).toMatchObject([{ outcome: "JOB_CANCELLED", details: { counts: { changed: 1 } } }]);
  });
  await other.run("run", "hold", "--arg", "end");
  expect((await holding).code).toBe(0);
  expect((await other.run("batch", "undo", job)).out).toBe("Restored 1 archive.\n");
});
