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

test.runIf(process.platform === "linux")("lists a file whose name is not UTF-8", async () => {
  const { library, folder } = await openLibrary();
  const name = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9]), Buffer.from(".cbz")]);
  await writeFile(name, cbz("a"));
  expect((await library.sync()).skipped).toMatchObject([{ reason: expect.stringContaining("not UTF-8") }]);
  expect(await library.problems()).toMatchObject([
    { kind: "denied", reason: expect.stringContaining("not UTF-8") },
  ]);
  await unlink(name);
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
