import { mkdir, rm, symlink, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { tempFolder } from "../support/temp-folder.ts";
import { cbz } from "./cbz.ts";
import { sevenZip } from "./containers/samples.ts";
import { sha1, upload } from "./library-contract.ts";
import { openLibrary } from "./open-library.ts";

const filesOf = (problems: { file: string; kind: string }[]) =>
  Object.fromEntries(problems.map(({ file, kind }) => [file, kind]));

test("lists each file that was not taken in, and why", async () => {
  const { library, folder } = await openLibrary();
  const put = (name: string, bytes: Buffer | string) => writeFile(path.join(folder, name), bytes);
  await put("good.cbz", cbz("good"));
  await put("z copy.cbz", cbz("good"));
  await put("page.cbz", "<!doctype html>");
  await put("empty.cbz", "");
  await put("notes.txt", "notes");
  await put(".hidden.cbz", cbz("hidden"));
  const secret = await sevenZip({ "1.jpg": Buffer.from("x") }, "-t7z", "-psecret", "-mhe=on");
  await put("secret.cb7", secret);
  await put("locked.cbz", await sevenZip({ "1.jpg": Buffer.from("x") }, "-tzip", "-psecret"));
  await mkdir(path.join(folder, "@eaDir"));
  await put("@eaDir/thumbnail.cbz", cbz("thumbnail"));
  const gone = await library.add(upload("gone.cbz", cbz("gone")));
  await library.sync();
  await rm(path.join(folder, "gone.cbz"));
  await put("later.cbz", cbz("later"));
  const problems = await library.problems();
  expect(filesOf(problems)).toEqual({
    "z copy.cbz": "duplicate",
    "page.cbz": "broken",
    "empty.cbz": "broken",
    "notes.txt": "unsupported",
    ".hidden.cbz": "ignored",
    "secret.cb7": "unreadable",
    "locked.cbz": "unreadable",
    "@eaDir": "ignored",
    "gone.cbz": "missing",
    "later.cbz": "waiting",
  });
  const byFile = new Map(problems.map((problem) => [problem.file, problem]));
  expect(byFile.get("z copy.cbz")).toMatchObject({
    reason: "it is the same as good.cbz",
    id: sha1(cbz("good")),
  });
  expect(byFile.get("page.cbz")?.reason).toContain("it is a web page (HTML), not an archive");
  expect(byFile.get("empty.cbz")?.reason).toContain("it is an empty file, not an archive");
  expect(byFile.get("secret.cb7")).toMatchObject({
    reason: expect.stringContaining("encrypted"),
    id: sha1(secret),
  });
  expect(byFile.get("gone.cbz")?.id).toBe(gone.id);
  await library.close();
});

test.runIf(process.platform === "linux")(
  "lists files, folders and links whose names are not UTF-8",
  async () => {
    const { library, folder } = await openLibrary({ linkTargets: ["/nowhere"] });
    const named = (ending: string) =>
      Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9]), Buffer.from(ending)]);
    await writeFile(named(".cbz"), cbz("a"));
    await mkdir(named(""));
    await writeFile(named("/b.cbz"), cbz("b"));
    await symlink(folder, named(".link"));
    const notUtf8 = { reason: expect.stringContaining("not UTF-8") };
    expect((await library.sync()).skipped).toMatchObject([notUtf8, notUtf8, notUtf8]);
    const problems = await library.problems();
    expect(filesOf(problems)).toEqual({
      "caf\ufffd": "denied",
      "caf\ufffd.cbz": "denied",
      "caf\ufffd.link": "denied",
    });
    for (const problem of problems) expect(problem).toMatchObject(notUtf8);
    await Promise.all([".cbz", "", ".link"].map((ending) => rm(named(ending), { recursive: true })));
  },
);

test("lists a known archive whose file something else overwrote", async () => {
  const { library, folder } = await openLibrary();
  const put = (name: string, bytes: Buffer | string) => writeFile(path.join(folder, name), bytes);
  for (const name of ["page.cbz", "other.cbz", "cut.cbz", "kept.cbz"]) await put(name, cbz(name));
  const { added } = await library.sync();
  const ids = Object.fromEntries(added.map(({ file, id }) => [file, id]));
  await put("page.cbz", "<!doctype html>");
  await put("other.cbz", cbz("another work"));
  await put("cut.cbz", cbz("cut.cbz").subarray(0, 60));
  const expected = {
    "page.cbz": { kind: "broken", id: ids["page.cbz"], reason: expect.stringContaining("a web page") },
    "cut.cbz": { kind: "broken", id: ids["cut.cbz"] },
  };
  const problems = async () => new Map((await library.problems()).map((one) => [one.file, one]));
  expect(Object.fromEntries(await problems())).toMatchObject({
    ...expected,
    "other.cbz": { kind: "waiting", id: ids["other.cbz"], reason: expect.stringContaining("content") },
  });
  await library.sync();
  const after = await problems();
  expect([...after.keys()].sort()).toEqual(["cut.cbz", "page.cbz"]);
  expect(Object.fromEntries(after)).toMatchObject(expected);
});

test("the folders of systems, and names that the owner ignores, are left out", async () => {
  const { library, folder } = await openLibrary({ ignore: ["*.sample.cbz", "raw/**", "draft?.cbz"] });
  const names = [
    "#recycle",
    "@eaDir",
    "lost+found",
    ".Trash-1000",
    "$RECYCLE.BIN",
    "__MACOSX",
    "raw",
    "kept",
  ];
  for (const [n, name] of names.entries()) {
    await mkdir(path.join(folder, name));
    await writeFile(path.join(folder, name, "a.cbz"), cbz(`${n}`));
  }
  for (const name of ["x.Sample.cbz", "draft1.cbz", "draft12.cbz", "kept/y.sample.cbz"])
    await writeFile(path.join(folder, name), cbz(name));
  const { added } = await library.sync();
  expect(added.map(({ file }) => file).sort()).toEqual(["draft12.cbz", "kept/a.cbz"]);
  const problems = filesOf(await library.problems());
  expect(Object.keys(problems).sort()).toEqual(
    [...names.slice(0, 6), "raw/a.cbz", "x.Sample.cbz", "draft1.cbz", "kept/y.sample.cbz"].sort(),
  );
  expect(new Set(Object.values(problems))).toEqual(new Set(["ignored"]));
});

test("a pattern of ignored names is compared without composition", async () => {
  const { library, folder } = await openLibrary({ ignore: ["se\u0301rie*", "brouillon-\u00e9?.cbz"] });
  for (const name of ["s\u00e9rie.cbz", "Se\u0301rie 2.cbz", "brouillon-e\u0301\u{1f4d6}.cbz"])
    await writeFile(path.join(folder, name), cbz(name));
  expect((await library.sync()).added).toEqual([]);
  expect((await library.problems()).map(({ kind }) => kind)).toEqual(["ignored", "ignored", "ignored"]);
});

describe("links", () => {
  /** A folder beside the library with an archive in a folder of it. */
  const outside = async () => {
    const other = await tempFolder();
    await mkdir(path.join(other, "series"));
    await writeFile(path.join(other, "series/a.cbz"), cbz("outside"));
    return other;
  };

  test("are not followed by default, and listed", async () => {
    const { library, folder } = await openLibrary();
    const other = await outside();
    await symlink(other, path.join(folder, "folder"));
    await symlink(path.join(other, "series/a.cbz"), path.join(folder, "file.cbz"));
    expect((await library.sync()).added).toEqual([]);
    expect(filesOf(await library.problems())).toEqual({ folder: "link", "file.cbz": "link" });
  });

  test("into a folder that the owner names are followed, and read", async () => {
    const other = await outside();
    const { library, folder } = await openLibrary({ linkTargets: [other] });
    await symlink(other, path.join(folder, "more"));
    await symlink("/etc/hostname", path.join(folder, "elsewhere.cbz"));
    await symlink(path.join(folder, "nothing"), path.join(folder, "dangling.cbz"));
    const { added } = await library.sync();
    expect(added.map(({ file }) => file)).toEqual(["more/series/a.cbz"]);
    const id = sha1(cbz("outside"));
    expect((await library.read(id, "pages/01.jpg", 100)).toString()).toContain("outside");
    expect(filesOf(await library.problems())).toEqual({ "elsewhere.cbz": "link", "dangling.cbz": "link" });
    expect(await library.missing()).toEqual(new Set());
  });

  test("to what is no regular file are not opened", async () => {
    const { library, folder } = await openLibrary({ linkTargets: ["/dev"] });
    await symlink("/dev/null", path.join(folder, "null.cbz"));
    expect((await library.sync()).added).toEqual([]);
    expect(filesOf(await library.problems())).toEqual({ "null.cbz": "unsupported" });
  });

  test("inside of the library lead to files that are there once, and end in a circle", async () => {
    const { library, folder } = await openLibrary({ linkTargets: ["/nowhere"] });
    await mkdir(path.join(folder, "b"));
    await writeFile(path.join(folder, "b/real.cbz"), cbz("real"));
    await symlink(path.join(folder, "b"), path.join(folder, "a"));
    await symlink(folder, path.join(folder, "b/circle"));
    expect((await library.sync()).added.map(({ file }) => file)).toEqual(["b/real.cbz"]);
    expect(filesOf(await library.problems())).toEqual({ a: "link", "b/circle": "link" });
  });

  test("that are changed to lead elsewhere are not opened", async () => {
    const other = await outside();
    const { library, folder } = await openLibrary({ linkTargets: [other] });
    await symlink(path.join(other, "series/a.cbz"), path.join(folder, "a.cbz"));
    const [archive] = (await library.sync()).added;
    await unlink(path.join(folder, "a.cbz"));
    const third = await tempFolder();
    await writeFile(path.join(third, "b.cbz"), cbz("outside"));
    await symlink(path.join(third, "b.cbz"), path.join(folder, "a.cbz"));
    await expect(library.entries(archive?.id ?? "")).rejects.toMatchObject({ code: "ARCHIVE_BROKEN" });
    await expect(library.open(archive?.id ?? "")).rejects.toMatchObject({ code: "ARCHIVE_BROKEN" });
  });

  test("are removed with their archive, and their target stays", async () => {
    const other = await outside();
    const { library, folder } = await openLibrary({ linkTargets: [other] });
    await symlink(path.join(other, "series/a.cbz"), path.join(folder, "a.cbz"));
    const [archive] = (await library.sync()).added;
    await library.delete(archive?.id ?? "");
    expect((await library.sync()).added).toEqual([]);
    expect(await library.problems()).toEqual([]);
  });
});
