import { createHash } from "node:crypto";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { ARCHIVE_ARGUMENT } from "../../src/cli/lookup.ts";
import { readConfig } from "../../src/config/config.ts";
import type { FolderLibrary } from "../../src/library/folder.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { cbz } from "../library/cbz.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { everyCommand, openCliWorld, runCaptured, type World } from "./cli-world.ts";

let world: World;
let library: string;
const ids: Record<string, string> = {};

const names = [
  "Chapter 10 with a name that is longer than the space for it.cbz",
  "Chapter 2 夜の物語夜の物語夜の物語夜の物語夜の物語.cbz",
  "other.cbz",
];

beforeAll(async () => {
  world = await openCliWorld();
  library = path.join(world.folder, "data/library");
  for (const [n, name] of names.entries()) {
    await writeFile(path.join(world.folder, name), cbz(name));
    const tags = n === 2 ? [] : ["--tags", `artist:a${n}, parody:one that is long, language:japanese`];
    const [added] = (await world.run("library", "add", name, ...tags, "--json")).json;
    ids[name] = added.id;
  }
});
afterAll(() => world.close());

const [ten = "", two = "", other = ""] = names;

/** Runs a command whose output is a terminal with this many places in a line; none are known without it. */
const shown = (columns: number | undefined, ...argv: string[]) => {
  let out = "";
  const stdout = { write: (text: string) => (out += text), isTTY: true, ...(columns && { columns }) };
  const env = { HITAGI_SERVER: world.server.address, NO_COLOR: "1" };
  return runCaptured(argv, { cwd: world.folder, env, stdout }).then(() => out);
};

/** The places that a line takes: a Chinese or Japanese character takes two. */
const places = (line: string): number => [...line].reduce((n, c) => n + (c > "\u2fff" ? 2 : 1), 0);

test("the list fits in 80 places where the terminal's width is unknown, and has short ids and paths", async () => {
  const out = await shown(undefined, "library", "list");
  const lines = out.trimEnd().split("\n");
  for (const line of lines) expect(places(line), line).toBeLessThanOrEqual(80);
  expect(lines[0]?.split(/\s+/)).toEqual(["ID", "PAGES", "PATH", "TITLE", "TAGS"]);
  expect(lines[1]).toMatch(/^[0-9a-f]{8} {2}\d+ .*….*space for it\.cbz {2}Chapter 10.*…/);
  expect(lines[1]?.startsWith(ids[ten]?.slice(0, 8) ?? "-")).toBe(true);
});

test("the list follows the terminal, and --json has all of it", async () => {
  for (const columns of [60, 100]) {
    for (const line of (await shown(columns, "library", "list")).trimEnd().split("\n")) {
      expect(places(line), line).toBeLessThanOrEqual(columns);
    }
  }
  const { json } = await world.run("library", "list", "--json");
  expect(json[0]).toMatchObject({ arcid: ids[ten], file: ten, tags: expect.stringContaining("parody:one") });
  expect(json[0].added).toBeGreaterThan(0);
});

test("the list is searched, filtered, sorted and paged", async () => {
  const files = async (...argv: string[]) =>
    (await world.run("library", "list", ...argv, "--json")).json.map((a: { file: string }) => a.file);
  expect(await files("--sort", "file")).toEqual([two, ten, other]);
  expect(await files("--sort", "file", "--desc")).toEqual([other, ten, two]);
  expect(await files("夜の", "chapter")).toEqual([two]);
  expect(await files("--tag", "artist:a0")).toEqual([ten]);
  expect(await files("--untagged")).toEqual([other]);
  expect((await world.run("library", "list", "nowhere")).out).toBe("No archive matches.\n");
  const page = await world.run("library", "list", "--size", "2", "--page", "2", "--json");
  expect(page.json).toMatchObject({ total: 3, page: 2, size: 2, items: [{ file: other }] });
  expect((await world.run("library", "list", "--size", "2")).err).toContain("--page 2");
});

test("an archive is named by the beginning of its id, its path or its file name, in every command", async () => {
  await mkdir(path.join(library, "series"));
  await rename(path.join(library, other), path.join(library, "series", other));
  await (world.server.services.library as FolderLibrary).sync();
  const short = ids[other]?.slice(0, 8) ?? "";
  for (const name of [short, short.toUpperCase(), `series/${other}`, other]) {
    const { out } = await world.run("library", "show", name);
    expect(out).toMatch(new RegExp(`^ID +${ids[other]}$`, "m"));
    expect(out).toMatch(/^Path +series\/other\.cbz$/m);
    expect(out).toMatch(/^File +there$/m);
  }
  expect((await world.run("library", "edit", short, "--title", "Edited")).out).toMatch(/^Title +Edited$/m);
});

test("a name that several archives have is refused, and the refusal names them", async () => {
  await mkdir(path.join(world.folder, "twice"));
  for (const folder of ["left", "right"]) {
    await mkdir(path.join(library, folder));
    await writeFile(path.join(library, folder, "same.cbz"), cbz(`same ${folder}`));
  }
  await (world.server.services.library as FolderLibrary).sync();
  const { code, err } = await world.run("library", "show", "same.cbz");
  expect(code).toBe(1);
  expect(err).toContain("same.cbz matches 2 archives.");
  expect(err).toMatch(/hint: .*[0-9a-f]{8} \("left\/same\.cbz"\), [0-9a-f]{8} \("right\/same\.cbz"\)/);
  expect((await world.run("library", "remove", "left/same.cbz", "--yes")).out).toBe('Deleted "same.cbz".\n');
  expect((await world.run("library", "show", "same.cbz")).code).toBe(0);
});

/** Two archives whose ids begin with the same four characters, the fewest that count as the beginning of an id. */
const twinArchives = (): Buffer[] => {
  const seen = new Map<string, Buffer>();
  for (let n = 0; ; n++) {
    const bytes = cbz(`twin ${n}`);
    const beginning = createHash("sha1").update(bytes).digest("hex").slice(0, 4);
    const before = seen.get(beginning);
    if (before) return [before, bytes];
    seen.set(beginning, bytes);
  }
};

/** Every command that takes archives of the library, with the archive at its place. */
const takesArchive: [string, (archive: string) => string[]][] = [
  ["library show", (archive) => ["library", "show", archive]],
  ["library edit", (archive) => ["library", "edit", archive, "--title", "Twin"]],
  ["run", (archive) => ["run", "twins", "--archive", archive]],
  ["try", (archive) => ["try", "twins.ts", "--archive-id", archive]],
  ["dev", (archive) => ["dev", "twins.ts", "--once", "--archive-id", archive]],
  ["batch run", (archive) => ["batch", "run", "--plugin", "twins", archive, "--dry-run"]],
  ["chain try", (archive) => ["chain", "try", archive]],
  [
    "schedule add",
    (archive) => ["schedule", "add", "@daily", "run", "twins", "--archive", archive, "--json"],
  ],
  [
    "schedule add",
    (archive) => ["schedule", "add", "@daily", "batch", "--plugin", "twins", archive, "--json"],
  ],
  ["policy tags try", (archive) => ["policy", "tags", "try", "--archive", archive]],
  ["policy tags apply", (archive) => ["policy", "tags", "apply", archive, "--dry-run"]],
  ["history", (archive) => ["history", "--archive", archive]],
  ["logs", (archive) => ["logs", "twins", "--archive", archive]],
  ["library remove", (archive) => ["library", "remove", archive, "--yes"]],
];

test("every command that takes archives accepts a short id, and refuses one that two archives have", async () => {
  const ofTwins: string[] = [];
  for (const [n, bytes] of twinArchives().entries()) {
    await writeFile(path.join(world.folder, `twin-${n}.cbz`), bytes);
    const added = await world.run("library", "add", `twin-${n}.cbz`, "--tags", `twin:${n}`, "--json");
    ofTwins.push(added.json[0].id);
  }
  const body = "getTags(ctx) { console.log(ctx.archive.id); return { tags: ['is:' + ctx.archive.id] }; },";
  await writeFile(path.join(world.folder, "twins.ts"), pluginText("twins", "1.0.0", "metadata", body));
  for (const argv of [
    ["sideload", "twins.ts"],
    ["enable", "twins"],
    ["policy", "tags", "add", "twin:* -> pair:*"],
  ])
    expect((await world.run(...argv)).code).toBe(0);
  const [id = "", other = ""] = ofTwins;
  for (const [command, argv] of takesArchive) {
    const { code, err } = await world.run(...argv(id.slice(0, 4)));
    expect([code, err], command).toEqual([
      1,
      `error: ${id.slice(0, 4)} matches 2 archives.\nhint: Use its id: ${id.slice(0, 8)} ("twin-0.cbz"), ${other.slice(0, 8)} ("twin-1.cbz").\n`,
    ]);
  }
  for (const [command, argv] of takesArchive) {
    const { code, out, err } = await world.run(...argv(id.slice(0, 8)));
    expect([code, out], `${command}: ${err}`).toEqual([
      0,
      expect.stringMatching(new RegExp(`${id}|twin-0|pair:0`)),
    ]);
    expect(out, command).not.toMatch(new RegExp(`${other}|twin-1|pair:1`));
  }
  await world.run("disable", "twins");
});

test("the commands whose help says how an archive is named are those that were tried with a short id", () => {
  const said = everyCommand().filter(([, { options, registeredArguments }]) =>
    [...options, ...registeredArguments].some(({ description }) => description.includes(ARCHIVE_ARGUMENT)),
  );
  // `port --compare` takes archives as `try` does, and needs Perl.
  const tried = ["port", ...takesArchive.map(([command]) => command)];
  expect(said.map(([name]) => name.join(" ")).sort()).toEqual([...new Set(tried)].sort());
});

test("only archives without their file are listed with --missing", async () => {
  await rename(path.join(library, two), path.join(world.folder, "away.cbz"));
  const { out, err } = await world.run("library", "list", "--missing");
  expect(out.trimEnd().split("\n").slice(1)).toEqual([expect.stringMatching(/^[0-9a-f]{8} {2}missing/)]);
  expect(err).toContain("The file of one archive is missing.");
  expect((await world.run("library", "show", ids[two] ?? "")).out).toMatch(/^File +missing$/m);
});

test("a library without any of its files may be on a disk that is away", async () => {
  const away = path.join(world.folder, "disk");
  await rename(library, away);
  await mkdir(library);
  onTestFinished(async () => {
    await rm(library, { recursive: true });
    await rename(away, library);
  });
  const { err } = await world.run("library", "list");
  expect(err).toContain("Is the disk of the library mounted");
  expect(err).not.toContain("delete");
});

test("an archive that is stored under another name is told with the reason", async () => {
  await writeFile(path.join(world.folder, "what: a?.cbz"), cbz("renamed"));
  const { code, out, err } = await world.run("library", "add", "what: a?.cbz");
  expect([code, out]).toEqual([0, expect.stringContaining("what a.cbz")]);
  expect(err).toContain(
    '"what: a?.cbz" is "what a.cbz" in the library: not every system allows a file of that name.',
  );
  expect((await world.run("library", "remove", "what a.cbz", "--yes")).code).toBe(0);
});

test.runIf(process.platform === "linux")(
  "a folder is added but for what has a name that is not UTF-8",
  async () => {
    const folder = path.join(world.folder, "old disk");
    await mkdir(folder);
    const named = (ending: string) =>
      Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9]), Buffer.from(ending)]);
    await writeFile(path.join(folder, "plain.cbz"), cbz("old disk"));
    await writeFile(named(".cbz"), cbz("old disk 2"));
    await mkdir(named(""));
    await writeFile(named("/inner.cbz"), cbz("old disk 3"));
    const { code, out, err } = await world.run("library", "add", "old disk");
    expect([code, out]).toEqual([1, expect.stringContaining("plain.cbz")]);
    expect(err).toContain("2 of 3 were not added.");
    expect(err.match(/has a name that is not UTF-8/g)).toHaveLength(2);
    expect((await world.run("library", "remove", "plain.cbz", "--yes")).code).toBe(0);
    await rm(Buffer.from(folder), { recursive: true });
  },
);

test("the settings of ignored names and of links are those of the environment", async () => {
  const other = await tempFolder();
  await writeFile(path.join(other, "behind.cbz"), cbz("behind a link"));
  const env = {
    HITAGI_DATA: await tempFolder(),
    HITAGI_PORT: "0",
    HITAGI_LIBRARY_IGNORE: "*.sample.cbz, raw/**",
    HITAGI_LIBRARY_LINKS: other,
  };
  const folder = path.join(env.HITAGI_DATA, "library");
  await mkdir(path.join(folder, "raw"), { recursive: true });
  for (const name of ["kept.cbz", "a.sample.cbz", "raw/b.cbz"])
    await writeFile(path.join(folder, name), cbz(`settings ${name}`));
  await symlink(path.join(other, "behind.cbz"), path.join(folder, "linked.cbz"));
  const server = await startServer(readConfig({ warm: "0" }, env), pino({ level: "silent" }));
  onTestFinished(() => server.stop());
  const { HITAGI_DATA } = env;
  const run = (...argv: string[]) =>
    runCaptured(argv, { env: { HITAGI_DATA, HITAGI_SERVER: server.address } });
  await vi.waitFor(async () => {
    const { json } = await run("library", "list", "--json");
    expect(json.map(({ file }: { file: string }) => file).sort()).toEqual(["kept.cbz", "linked.cbz"]);
  });
  const { json } = await run("library", "problems", "--json");
  expect(json).toMatchObject([
    { file: "a.sample.cbz", kind: "ignored", reason: "HITAGI_LIBRARY_IGNORE has *.sample.cbz" },
    { file: "raw/b.cbz", kind: "ignored", reason: "HITAGI_LIBRARY_IGNORE has raw/**" },
  ]);
  // In a narrow terminal each reason is on a line of its own, and whole.
  let out = "";
  const stdout = { write: (text: string) => (out += text), columns: 40 };
  await runCaptured(["library", "problems"], {
    stdout,
    env: { HITAGI_DATA, HITAGI_SERVER: server.address },
  });
  expect(out).toContain("\n  HITAGI_LIBRARY_IGNORE has *.sample.cbz\n");
});

test("a file that does not exist is told as that, alone and among others", async () => {
  const alone = await world.run("library", "add", "no/missing.cbz");
  expect([alone.code, alone.err]).toEqual([2, expect.stringContaining("no/missing.cbz does not exist.")]);
  const among = await world.run("library", "add", "missing.cbz", "also-missing.cbz");
  expect([among.code, among.err]).toEqual([1, expect.stringContaining("missing.cbz does not exist.")]);
});
