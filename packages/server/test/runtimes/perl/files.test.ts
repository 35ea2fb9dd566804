import { execFileSync } from "node:child_process";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createFileAccess } from "../../../src/runtimes/granted-files.ts";
import type { Runtime } from "../../../src/runtimes/types.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { request } from "../runtime-contract.ts";
import { noBubblewrap, noPerl, noSqlite, openPerl, perlScript } from "./fixture.ts";

const files = createFileAccess();

/** A folder that every user may read: a server that is root gives perl a user of its own. */
const readableFolder = async (): Promise<string> => {
  const folder = await tempFolder();
  await chmod(folder, 0o755);
  return folder;
};

/** Calls a script with these paths granted. */
const callWith = async (runtime: Runtime, granted: string[], body: string) =>
  runtime.call(perlScript(body), request({ files: await files.resolve("probe", granted) }));

const slurp = (file: string) => `do { open my $in, '<:raw', "${file}" or die "$!\\n"; local $/; <$in> }`;

const inBubblewrap = test.skipIf(noBubblewrap);

inBubblewrap("a granted file and folder are there, at their own paths, and nothing beside them", async () => {
  const folder = await readableFolder();
  const beside = path.join(await readableFolder(), "library");
  await mkdir(path.join(beside, "series"), { recursive: true });
  await writeFile(path.join(folder, "tags.db"), "SQLite format 3\0");
  await writeFile(path.join(folder, "other.db"), "not granted");
  await writeFile(path.join(beside, "series", "a.json"), '{"tags":["x"]}');
  const seen = await callWith(
    openPerl(),
    [path.join(folder, "tags.db"), beside],
    `return (magic => substr(${slurp(`${folder}/tags.db`)}, 0, 15), json => ${slurp(`${beside}/series/a.json`)},
      other => -e "${folder}/other.db" ? 1 : 0, list => [sort map { s{.*/}{}r } glob "${folder}/*"]);`,
  );
  expect(seen).toEqual({ magic: "SQLite format 3", json: '{"tags":["x"]}', other: 0, list: ["tags.db"] });
});

/** A small SQLite database, made by perl's own driver. */
const sqliteFile = async (folder: string): Promise<string> => {
  const file = path.join(folder, "tags.db");
  execFileSync("perl", [
    "-MDBI",
    "-e",
    'my $db = DBI->connect("dbi:SQLite:dbname=$ARGV[0]", "", "", {RaiseError => 1}); ' +
      '$db->do("CREATE TABLE tags (gallery TEXT, tag TEXT)"); ' +
      '$db->do("INSERT INTO tags VALUES (?, ?)", undef, "1", $_) for "artist:x", "language:ja";',
    file,
  ]);
  await chmod(file, 0o644);
  return file;
};

test.skipIf(noBubblewrap || noSqlite)(
  "a granted SQLite database is queried where it is, and cannot be changed",
  async () => {
    const file = await sqliteFile(await readableFolder());
    const seen = await callWith(
      openPerl(),
      [file],
      `require DBI;
     my $db = DBI->connect("dbi:SQLite:dbname=${file}", "", "", {RaiseError => 1, PrintError => 0});
     my $tags = $db->selectcol_arrayref("SELECT tag FROM tags WHERE gallery = ? ORDER BY tag", undef, "1");
     eval { $db->do("DELETE FROM tags") }; my $refused = $@ ? 1 : 0;
     return (tags => $tags, refused => $refused);`,
    );
    expect(seen).toEqual({ tags: ["artist:x", "language:ja"], refused: 1 });
  },
);

inBubblewrap("they are read-only", async () => {
  const folder = await readableFolder();
  await writeFile(path.join(folder, "tags.db"), "x");
  await chmod(path.join(folder, "tags.db"), 0o666);
  await chmod(folder, 0o777);
  const seen = await callWith(
    openPerl(),
    [folder],
    `my %seen;
     open(my $out, '>>', "${folder}/tags.db") and $seen{changed} = 1; $seen{change} = "$!";
     open($out, '>', "${folder}/new") and $seen{made} = 1; unlink "${folder}/tags.db" and $seen{removed} = 1;
     return %seen;`,
  );
  expect(seen).toEqual({ change: "Read-only file system" });
});

inBubblewrap("a file that replaces a granted one is seen by the next call", async () => {
  const runtime = openPerl();
  const file = path.join(await readableFolder(), "tags.db");
  await writeFile(file, "old");
  const read = () => callWith(runtime, [file], `return (text => ${slurp(file)});`);
  expect(await read()).toEqual({ text: "old" });
  await writeFile(`${file}.new`, "new");
  await rename(`${file}.new`, file);
  expect(await read()).toEqual({ text: "new" });
});

inBubblewrap("calls without files, and with others, do not see them", async () => {
  const runtime = openPerl();
  const file = path.join(await readableFolder(), "tags.db");
  await writeFile(file, "x");
  const isThere = (granted: string[]) =>
    callWith(runtime, granted, `return (there => -e "${file}" ? 1 : 0);`);
  expect(await isThere([file])).toEqual({ there: 1 });
  expect(await runtime.call(perlScript(`return (there => -e "${file}" ? 1 : 0);`), request())).toEqual({
    there: 0,
  });
  expect(await isThere([await readableFolder()])).toEqual({ there: 0 });
});

inBubblewrap("a path that the sandbox needs itself is refused, with the reason", async () => {
  for (const [granted, reason] of [
    ["/usr", "it holds /usr/"],
    ["/tmp", "it holds /tmp, where the sandbox has files of its own"],
  ] as const)
    await expect(callWith(openPerl(), [granted], "return (a => 1);")).rejects.toMatchObject({
      code: "GRANTED_FILE_UNAVAILABLE",
      message: expect.stringContaining(reason),
    });
});

test.skipIf(noBubblewrap || process.getuid?.() !== 0)(
  "a server that is root says if perl's own user may not read a file",
  async () => {
    const file = path.join(await readableFolder(), "tags.db");
    await writeFile(file, "x", { mode: 0o600 });
    await expect(callWith(openPerl(), [file], "return (a => 1);")).rejects.toMatchObject({
      code: "GRANTED_FILE_UNAVAILABLE",
      message: expect.stringContaining("have a user of their own, who may not read it"),
    });
  },
);

test.skipIf(noPerl)("without bubblewrap they are readable, as everything is", async () => {
  const file = path.join(await readableFolder(), "tags.db");
  await writeFile(file, "x");
  const runtime = openPerl({ bwrap: null });
  expect(await callWith(runtime, [file], `return (text => ${slurp(file)});`)).toEqual({ text: "x" });
  await rm(file);
});
