import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cbz } from "../library/cbz.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

const tags = (...argv: string[]) => world.run("policy", "tags", ...argv);

test("without rules, the list says how to add one", async () => {
  expect((await tags("show")).out).toBe(
    "There are no tag rules. Add one with `hitagi policy tags add '-already uploaded'`.\n",
  );
});

test("rules are added, removed, switched off and on, and each change can be undone", async () => {
  const added = await tags("add", "-already uploaded", "parody:* -> series:*", "~language");
  expect(added).toMatchObject({ code: 0, err: "To undo: `hitagi policy tags undo`\n" });
  expect(added.out).toBe(
    "3 rules, used on the tags that metadata plugins find.\n\n  -already uploaded\n  parody:* -> series:*\n  ~language\n",
  );
  expect((await tags("add", "~language", "--json")).json.rules).toHaveLength(3);
  await tags("remove", "-already uploaded");
  expect((await tags("show", "--json")).json.text).toBe("parody:* -> series:*\n~language");
  expect((await tags("undo", "--json")).json.rules).toHaveLength(3);
  expect((await tags("off")).out).toContain("3 rules, off; `hitagi policy tags on` uses them.");
  expect((await tags("on", "--json")).json.enabled).toBe(true);
});

test("a try shows what becomes of each tag and by which rule, also of other rules and of an archive", async () => {
  const { out } = await tags("try", "Already Uploaded, parody:x, plain");
  expect(out).toBe(
    [
      "TAG               BECOMES   BY",
      "Already Uploaded  removed   -already uploaded",
      "parody:x          series:x  parody:* -> series:*",
      "plain             stays     -",
      "",
      "Tags: series:x, plain",
      "",
    ].join("\n"),
  );
  await writeFile(path.join(world.folder, "rules.txt"), "plain -> other\n");
  await writeFile(path.join(world.folder, "one.cbz"), cbz("one"));
  await world.run("library", "add", "one.cbz", "--tags", "plain, b");
  const json = (await tags("try", "--archive", "one.cbz", "--rules", "rules.txt", "--json")).json;
  expect(json.tags).toBe("other, b");
});

test("all rules are replaced by a file or by standard input, and lines that are no rule are named", async () => {
  await tags("set", "rules.txt");
  expect((await tags("show", "--json")).json.text.trim()).toBe("plain -> other");
  const strict = await world.pipe("a => b\n~\n", "policy", "tags", "set", "-");
  expect([strict.code, strict.err]).toEqual([1, expect.stringContaining('The tag rule "~" names no tag')]);
  const { out } = await world.pipe("a => b\n~\n", "policy", "tags", "set", "-", "--lenient");
  expect(out).toContain("1 rule, used");
  expect(out).toContain('Not a rule, and ignored: "~"');
});

test("a translation table is set by its file on the server, shown, and taken away", async () => {
  const file = path.join(world.folder, "table.json");
  await writeFile(file, JSON.stringify({ b: "Beh" }));
  expect((await tags("table", file)).out).toContain(`Translation table: ${file}, 1 tag`);
  expect((await tags("try", "a")).out).toContain("Beh      a => b; translation table");
  expect((await tags("table", "--none", "--json")).json.table).toBeNull();
});

test.each([
  [["add", "--jsn"], 2, "unknown option '--jsn'"],
  [["remove", "unknown"], 1, 'There is no rule "unknown".'],
  [["try"], 2, "No tags were given."],
  [["table"], 2, "No table was given."],
  [["set", "missing.txt"], 1, "missing.txt could not be read (ENOENT)."],
  [["table", "/nowhere.json"], 1, "/nowhere.json cannot be granted"],
])("%j is refused with exit code %i", async (argv, code, message) => {
  const ran = await tags(...argv);
  expect(ran.code).toBe(code);
  expect(ran.err).toContain(message);
});

test("the rules are applied to the tags that archives have, after a look at what changes, and that is undone", async () => {
  await world.pipe("old -> new\n-gone\n", "policy", "tags", "set", "-");
  for (const [name, given] of [
    ["rules-a", "old, gone, stays"],
    ["rules-b", "stays"],
  ] as const) {
    await writeFile(path.join(world.folder, `${name}.cbz`), cbz(name));
    await world.run("library", "add", `${name}.cbz`, "--tags", given);
  }
  const tagsOf = async (name: string) =>
    (await world.run("library", "show", `${name}.cbz`, "--json")).json.tags;

  const dry = await tags("apply", "rules-a.cbz", "rules-b.cbz", "--dry-run");
  expect(dry.out).toBe(
    [
      "PATH         REMOVED        ADDED",
      'rules-a.cbz  "old", "gone"  "new"',
      "The tags of 1 of 2 archives would change.",
      "",
    ].join("\n"),
  );
  expect(await tagsOf("rules-a")).toBe("old, gone, stays");

  const applied = await tags("apply", "--all", "--yes", "--json");
  expect(applied.json.counts).toMatchObject({ changed: 1, failed: 0 });
  const { batch } = applied.json;
  expect([await tagsOf("rules-a"), await tagsOf("rules-b")]).toEqual(["new, stays", "stays"]);
  const report = await world.run("batch", "report", `${batch}`, "--outcome", "changed");
  expect(report.out).toContain(`Batch ${batch} of the tag rules ended`);
  expect(report.out).toContain("rules-a.cbz");
  const history = await world.run("history", "--kind", "policy", "--json");
  expect(history.json.items[0]).toMatchObject({
    action: "run_batch",
    subject: { kind: "policy", id: "tags" },
  });

  await world.run("batch", "undo", `${batch}`, "--yes");
  expect((await tagsOf("rules-a")).split(", ").sort()).toEqual(["gone", "old", "stays"]);
  expect((await tags("apply", "rules-b.cbz")).out).toBe("The tags of 0 of 1 archive would change.\n");
});

test("rules that are off are not applied", async () => {
  await tags("off");
  const refused = await tags("apply", "--all", "--dry-run");
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("`hitagi policy tags on`")]);
  await tags("on");
  const { err, code } = await tags("apply");
  expect([code, err]).toEqual([2, expect.stringContaining("No archives were given.")]);
});

test("a rule with an empty side is refused with what to write, and a stored one stays", async () => {
  const kept = (await tags("show", "--json")).json.text;
  const refused = await tags("add", "gone ->");
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringMatching(
      /The tag rule "gone ->" has nothing after its arrow\.\nhint: Write `-gone` to remove it/,
    ),
  ]);
  expect((await tags("show", "--json")).json.text).toBe(kept);
  await world.pipe("gone ->\n", "policy", "tags", "set", "-", "--lenient");
  const added = await tags("add", "a -> b", "--json");
  expect(added.json.rules).toMatchObject([{ kind: "remove", from: "gone" }, { kind: "replace" }]);
  await tags("remove", "gone ->");
});
