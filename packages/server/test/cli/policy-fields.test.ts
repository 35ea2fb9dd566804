import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cbz } from "../library/cbz.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  const source = pluginSource(
    { namespace: "finds", type: "metadata" },
    'return { title: "Found", tags: "artist:a, b" };',
  );
  await world.server.services.installer.sideload("finds.ts", Buffer.from(source), true);
  await writeFile(path.join(world.folder, "one.cbz"), cbz("one"));
  expect((await world.run("library", "add", "one.cbz")).code).toBe(0);
});
afterAll(() => world.close());

const fields = (...argv: string[]) => world.run("policy", "fields", ...argv);

test("without rules, the list says what that means and how to make one", async () => {
  const { code, out } = await fields("show");
  expect([code, out]).toEqual([
    0,
    "There are no rules: a metadata plugin may set the title, the summary and tags. Make one with `hitagi policy fields set title=if-empty`.\n",
  ]);
});

test("rules are set, shown, and removed by the command that each change prints", async () => {
  const set = await fields("set", "title=if-empty", "tags:=never");
  expect(set.code).toBe(0);
  expect(set.err).toContain("To undo: `hitagi policy fields unset title`");
  await fields("set", "title=never", "--plugin", "FINDS");
  expect((await fields("show")).out).toBe(
    [
      "PLUGIN       FIELD                     MAY SET        NAME",
      "all plugins  title                     only if empty  -",
      "all plugins  tags without a namespace  never          -",
      "finds        title                     never          The finds",
      "",
    ].join("\n"),
  );
  const changed = await fields("set", "title=always", "--plugin", "finds");
  expect(changed.err).toBe("To undo: `hitagi policy fields set title=never --plugin finds`\n");
  expect((await fields("unset", "--plugin", "finds", "--json")).json).toEqual({
    revision: 4,
    rules: [
      { plugin: null, name: null, field: "title", rule: "if-empty" },
      { plugin: null, name: null, field: "tags:", rule: "never" },
    ],
  });
});

test("a run shows what is held back, a batch reports it, and the archive keeps its texts", async () => {
  await fields("unset", "--plugin", "finds");
  await fields("set", "title=never", "tags:=never");
  const { out } = await world.run("run", "finds", "--archive", "one.cbz");
  expect(out).toContain('held back by policy: title "Found". No plugin may set the title.');
  expect(out).toContain('held back by policy: tags without a namespace "b".');
  const { json } = await world.run("batch", "run", "--plugin", "finds", "--all", "--yes", "--json");
  const report = await world.run("batch", "report", String(json.batch));
  expect(report.out).toContain("held back by policy: title, tags without a namespace");
  const [archive] = await world.server.services.library.list();
  expect(archive).toMatchObject({ title: "one", tags: "artist:a" });
});

test.each([
  [["set", "title"], "title is not a field with a rule."],
  [["set", "title=sometimes"], "title=sometimes is not a field with a rule."],
  [["unset"], "No fields were given."],
])("%j is refused with the right form", async (argv, message) => {
  const { code, err } = await fields(...argv);
  expect(code).toBe(2);
  expect(err).toContain(message);
});

test("a plugin that is not installed is refused", async () => {
  const { code, err } = await fields("set", "title=never", "--plugin", "nothing");
  expect([code, err]).toEqual([1, expect.stringContaining("nothing")]);
});

test("a field that does not exist is refused with the fields, and the one that may be meant", async () => {
  const slip = await world.run("policy", "fields", "set", "titel=never");
  expect([slip.code, slip.err]).toEqual([
    2,
    expect.stringContaining(
      "There is no field titel.\nhint: Did you mean title? The fields are title, summary, tags",
    ),
  ]);
  const other = await world.run("policy", "fields", "unset", "publisher");
  expect([other.code, other.err]).toEqual([2, expect.stringContaining("hint: The fields are title")]);
});
