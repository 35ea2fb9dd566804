import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pluginText } from "../http/plugin-sources.ts";
import { cbz } from "../library/cbz.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  for (const namespace of ["one", "two", "three"]) {
    const body = `getTags: () => ({ tags: ["by:${namespace}"] }),`;
    const more = namespace === "one" ? 'url_regex: "^https://one[.]example/",' : "";
    await writeFile(
      path.join(world.folder, `${namespace}.ts`),
      pluginText(namespace, "1.0.0", "metadata", body, more),
    );
    await done("sideload", `${namespace}.ts`);
  }
  await writeFile(path.join(world.folder, "comic.cbz"), cbz("comic"));
  await writeFile(path.join(world.folder, "other.cbz"), cbz("other"));
  await done("library", "add", "comic.cbz", "--tags", "source:one.example/1");
  await done("library", "add", "other.cbz", "--tags", "source:unknown.example/1");
});
afterAll(() => world.close());

const done: World["done"] = (...argv) => world.done(...argv);
const failed = async (code: number, ...argv: string[]) => {
  const ran = await world.run(...argv);
  expect([ran.code, ran.out]).toEqual([code, ""]);
  expect(ran.err).toMatch(/^hint: /m);
  return ran;
};

/** The chain as lines of words, without the headings. */
const shown = (out: string): string[] =>
  out
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.replace(/ +/g, " "));

describe("hitagi chain", () => {
  it("says how to begin if it is empty", async () => {
    expect((await done("chain", "show")).out).toContain("`hitagi chain set <plugin>`");
    expect((await done("chain", "try", "comic.cbz")).out).toContain("`hitagi chain set <plugin>`");
  });

  it("sets, moves, shows and removes plugins, and their conditions", async () => {
    await done("chain", "set", "one");
    await done("chain", "set", "TWO", "--if-nothing-found", "--end-on-hit");
    const set = await done(
      "chain",
      "set",
      "three",
      "--tagged",
      "a:*",
      "b",
      "--folder",
      "new",
      "--extension",
      "cbz",
    );
    expect(shown(set.out)).toEqual([
      "1 one goes on always",
      "2 two ends if nothing was found before",
      '3 three goes on if it is tagged "a:*" or "b"',
      ' and it is in the folder "new"',
      ' and its file ends in "cbz"',
    ]);
    expect(shown((await done("chain", "move", "three", "--to", "1")).out)[0]).toMatch(/^1 three/);
    expect(shown((await done("chain", "move", "three", "--after", "one")).out)[1]).toMatch(/^2 three/);
    expect(shown((await done("chain", "move", "two", "--before", "one")).out)[0]).toMatch(/^1 two ends/);
    const changed = await done("chain", "set", "two", "--go-on", "--without-source", "*", "--json");
    expect(changed.json.steps[0]).toEqual({
      plugin: "two",
      name: "two plugin",
      when: { nothing_found: true, without_source: ["*"] },
      ends_on_hit: false,
      usable: true,
    });
    expect((await done("chain", "set", "two", "--always", "--json")).json.steps[0].when).toEqual({});
    expect(shown((await done("chain", "remove", "three")).out)).toHaveLength(2);
    expect((await done("chain", "show", "--json")).json.steps).toHaveLength(2);
  });

  it("is changed by hitagi enable and disable too", async () => {
    await done("enable", "three", "--priority", "-1");
    expect(shown((await done("chain", "show")).out).map((line) => line.split(" ")[1])).toEqual([
      "three",
      "two",
      "one",
    ]);
    await done("disable", "three");
    expect(shown((await done("chain", "show")).out)).toHaveLength(2);
  });

  it("refuses plugins that are not in it or do not exist, and a move without a place", async () => {
    expect((await failed(1, "chain", "set", "nobody")).err).toContain("nobody");
    expect((await failed(1, "chain", "set", "source-finder")).err).toContain("source-finder");
    expect((await failed(1, "chain", "move", "three", "--to", "1")).err).toContain(
      "`hitagi chain set three`",
    );
    expect((await failed(1, "chain", "remove", "three")).err).toContain("not in the chain");
    expect((await failed(2, "chain", "move", "one")).err).toContain("--before");
    expect((await failed(2, "chain", "move", "one", "--after", "one")).err).toContain("itself");
    await failed(1, "chain", "try", "nothing.cbz");
  });

  it("tries the chain step by step, and stores nothing", async () => {
    await done("chain", "set", "one", "--always", "--end-on-hit");
    await done("chain", "move", "one", "--to", "1");
    await done("chain", "set", "three", "--untagged", "by:*");
    const { out, err } = await done("chain", "try", "comic.cbz");
    expect(shown(out)).toEqual([
      ' tags: "by:one"',
      " the chain ends",
      "2 two is skipped: one found something, which ends the chain",
      "3 three is skipped: one found something, which ends the chain",
      "",
      'Title: "comic"',
      'Tags: "source:one.example/1, by:one"',
    ]);
    expect(err).toContain("nothing was stored");
    const { json } = await done("chain", "try", "comic.cbz", "--json");
    expect(json.steps).toHaveLength(3);
    expect(json.after).toEqual({ ...json.before, tags: "source:one.example/1, by:one" });
    expect((await done("library", "show", "comic.cbz")).out).not.toContain("by:one");
  });

  it("tries the chain, and shows what the field policy holds back", async () => {
    await done("policy", "fields", "set", "tags:by=never", "--plugin", "one");
    const { out } = await done("chain", "try", "comic.cbz");
    expect(shown(out)).toEqual([
      " held back by policy: tags of by",
      " the chain ends",
      "2 two is skipped: one found something, which ends the chain",
      "3 three is skipped: one found something, which ends the chain",
      "",
      "The archive would stay as it is.",
    ]);
    const { json } = await done("chain", "try", "comic.cbz", "--json");
    expect(json.steps[0]).toMatchObject({
      changes: { tags: [] },
      heldBack: [{ field: "tags:by", rule: "never", plugin: "one" }],
    });
    expect(json.after).toEqual(json.before);
    await done("policy", "fields", "unset", "--plugin", "one");
  });

  it("loses its conditions with reset without a question, and names the command that gives them back", async () => {
    expect((await done("chain", "show")).out).toContain("if it is not tagged");
    const { out, err } = await done("chain", "reset");
    expect(err).toMatch(/^To undo: `hitagi chain set /m);
    expect(shown(out)).toEqual(["1 one goes on always", "2 two goes on always", "3 three goes on always"]);
  });
});

describe("hitagi batch run --by-source", () => {
  it("counts the sources first, and runs the plugin of each", async () => {
    const { out, err } = await done("batch", "run", "--by-source", "--all", "--yes");
    expect(err).toContain("1 of 2 archives have a source that a plugin reads: one 1.");
    expect(err).toContain(
      '0 archives without a source, 1 archive with a source that no plugin reads: "unknown.example" 1.',
    );
    expect(out).toBe("1 changed, 1 skipped.\n");
    const { json } = await done("batch", "run", "--by-source", "comic.cbz", "--json");
    expect(json).toMatchObject({ counts: { unchanged: 1 }, sources: { archives: 1, readable: 1 } });
    const report = await done("batch", "report", String(json.batch - 1), "--outcome", "skipped");
    expect(report.out).toContain("no plugin reads its source unknown.example/1");
  });

  it.each([[[]], [["--dry-run"]]])("does not start where no plugin reads any source %j", async (more) => {
    const { err } = await failed(1, "batch", "run", "--by-source", "other.cbz", ...more);
    expect(err).toContain("0 of 1 archive have a source that a plugin reads.");
    expect(err).toContain("unknown.example");
  });

  it("tries archives first whose source a plugin reads, and counts the sources before", async () => {
    const trial = ["batch", "run", "--by-source", "other.cbz", "comic.cbz", "--dry-run", "--size", "1"];
    const { out, err } = await done(...trial);
    expect(out).toMatch(/^"comic\.cbz" /);
    expect(err).toContain("1 of 2 archives have a source that a plugin reads: one 1.");
  });

  it("takes no plugin and no argument", async () => {
    await failed(2, "batch", "run", "--by-source", "--plugin", "one", "--all");
    expect((await world.run("batch", "run", "--by-source", "--arg", "x", "--all")).code).toBe(2);
  });
});
