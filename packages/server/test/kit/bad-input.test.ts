import { spawnSync } from "node:child_process";
import { chmod, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { archiveBytes } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { runCaptured } from "../cli/cli-world.ts";
import { ifThere } from "../support/script.ts";
import { bundleServer } from "../support/serve-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { withoutRoot } from "../support/without-root.ts";

const plugin = (code: string, before = ""): string => `${before}
export default {
  namespace: "bad", type: "metadata", name: "Bad", version: "1.0.0", author: "me", description: "Is bad on purpose.",
  permissions: { net: ["127.0.0.1:1"] },
  async getTags() {
    ${code}
  },
};
`;

const COMMANDS = {
  dev: ["dev", "bad.ts", "--archive", "comic.cbz", "--once"],
  try: ["try", "bad.ts", "--archive", "comic.cbz"],
  check: ["check", "bad.ts"],
  pack: ["pack", "bad.ts", "--out", "out/bad.js"],
} as const;

const openFolder = async (source: string): Promise<string> => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "bad.ts"), source);
  await writeFile(path.join(folder, "comic.cbz"), archiveBytes());
  return folder;
};

const BROKEN = "export default { namespace: 'bad'\n";
const LARGE = plugin(`return { tags: [${JSON.stringify("ab".repeat(540_000))}.slice(0, 2)] };`);
const LOOP_AT_LOAD = plugin("return {};", "for (;;);");

/** What is wrong, with what each command says of it: where, and what to do. */
const sources: readonly (readonly [
  what: string,
  source: string,
  said: RegExp,
  command: keyof typeof COMMANDS,
])[] = [
  ...(["dev", "try", "check", "pack"] as const).flatMap(
    (command) =>
      [
        ["a broken source", BROKEN, /bad\.ts:2:1[\s\S]*hint: .*Correct the line/i, command],
        [
          "a plugin of more than 1 MiB",
          LARGE,
          /1,?0\d\d,?\d* (?:bytes|KiB)|1056 KiB[\s\S]*hint: .*smaller/,
          command,
        ],
      ] as const,
  ),
  ["a loop without an end", plugin("for (;;);"), /does not end by itself[\s\S]*hint: .*loop/i, "check"],
  ["a loop at the load", LOOP_AT_LOAD, /20 s[\s\S]*hint: .*Start the work in the entry point/, "check"],
];

test.each(sources)("%s: what it says, and the folder as it was", async (_, source, said, command) => {
  const folder = await openFolder(source);
  const { code, out, err } = await runCaptured([...COMMANDS[command]], { cwd: folder });
  expect([code, out + err]).toEqual([1, expect.stringMatching(said)]);
  expect((await readdir(folder)).sort()).toEqual(["bad.ts", "comic.cbz"]);
  expect(await readFile(path.join(folder, "bad.ts"), "utf8")).toBe(source);
});

test("without a network a run says which host did not answer, and records nothing", async () => {
  const folder = await openFolder(
    plugin('return { tags: [await (await fetch("http://127.0.0.1:1/")).text()] };'),
  );
  const { code, out } = await runCaptured([...COMMANDS.dev], { cwd: folder });
  expect([code, out]).toEqual([
    1,
    expect.stringMatching(/127\.0\.0\.1:1 failed: .*ECONNREFUSED[\s\S]*hint: /),
  ]);
  expect(await readdir(path.join(folder, "recordings"))).toEqual(["bad.last.json"]);
});

test("a folder without rights is named, with what its owner can do", async () => {
  const folder = await tempFolder();
  await chmod(folder, 0o555);
  const argv = ["new", "mine", "--type", "script"];
  const { code, err } = await withoutRoot([folder], () => runCaptured(argv, { cwd: folder }));
  await chmod(folder, 0o755);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/cannot be used: this user may not\.\nhint: .*rights/),
  ]);
  expect(await readdir(folder)).toEqual([]);
});

/** Mounting a file system needs root. */
const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

test.skipIf(!canMount)("on a full disk nothing of a new plugin stays", async () => {
  const folder = await tempFolder();
  const server = path.resolve(import.meta.dirname, "../..");
  const program = await bundleServer(path.join(server, "src/cli/main.ts"));
  await symlink(path.join(server, "dist/sdk"), path.join(path.dirname(program), "sdk")).catch(ifThere);
  const command =
    'mount -t tmpfs -o size=16k tmpfs "$1"; cd "$1"; "$2" "$3" new mine --type script; echo "left: $(ls -A)"';
  const args = ["-rm", "sh", "-c", command, "sh", folder, process.execPath, program];
  const { stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8" });
  expect(stderr).toMatch(/the disk is full\.\nhint: Free some space/i);
  expect(stdout).toBe("left: \n");
});
