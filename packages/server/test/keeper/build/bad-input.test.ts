import { spawnSync } from "node:child_process";
import { chmod, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { fileFailure } from "../../../src/cli/file-failure.ts";
import { writeRegistryFiles } from "../../../src/keeper/write-files.ts";
import { bundleScript } from "../../support/script.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { withoutRoot } from "../../support/without-root.ts";
import { openBuildWorld } from "./build-world.ts";

const source = (run: string, type = "script", entry = "run"): string => `export default {
  namespace: "bad", type: "${type}", name: "Bad", version: "1.0.0", author: "me", description: "Is bad.",
  async ${entry}(ctx) {
    ${run}
  },
};
`;

/** What is wrong with a source, and what the build says: the place in the source, and the cure. */
const sources: readonly (readonly [name: string, text: string, said: RegExp])[] = [
  [
    "a source that is broken",
    "export default { namespace: 'bad'\n",
    /bad\.ts:2:1.*\nhint: .*Correct the line/,
  ],
  [
    "a plugin that fails on an empty archive",
    source("return { tags: [(await ctx.archive.entries())[0].name] };", "metadata", "getTags"),
    /bad\.ts:4:\d+: It fails on an empty archive with a TypeError[\s\S]*hint: Handle the case/,
  ],
  [
    "a plugin that never ends",
    source("for (;;);"),
    /bad\.ts:\d+:\d+: It does not end by itself[\s\S]*hint: .*loop/,
  ],
  [
    "a plugin of more than 1 MiB",
    source(`return ${JSON.stringify("ab".repeat(540_000))};`),
    /bad\.ts:\d+:\d+: .*an install takes at most 1024 KiB[\s\S]*hint: .*smaller/,
  ],
];

test.each(sources)(
  "%s is named with its place and its cure, and the folder stays as it was",
  async (_, text, said) => {
    const { plugin, write, build, files } = await openBuildWorld();
    await plugin("good.ts", { namespace: "good" });
    await write("mine/plugins/bad.ts", text);
    const before = await files();
    const { code, err } = await build();
    expect([code, err]).toEqual([1, expect.stringMatching(said)]);
    expect(err).toContain("Nothing was written.");
    expect(await files()).toEqual(before);
  },
);

test("findings are in the JSON, at their lines of a workflow, and in a report of GitLab", async () => {
  const { write, run, read } = await openBuildWorld();
  await write("mine/plugins/bad.ts", source("return ctx.archive.none.length;", "metadata", "getTags"));
  const env = { GITHUB_ACTIONS: "true" };
  const { json, err } = await run(["build", "mine", "--json", "--code-quality", "report.json"], { env });
  const finding = { file: "mine/plugins/bad.ts", line: 4, rule: "unhandled-error", severity: "error" };
  expect(json.problems).toContainEqual(
    expect.objectContaining({ finding: expect.objectContaining(finding) }),
  );
  expect(err).toMatch(/^::error file=mine\/plugins\/bad\.ts,line=4,col=\d+,title=unhandled-error::/m);
  expect(JSON.parse(await read("report.json"))).toContainEqual(
    expect.objectContaining({
      check_name: "unhandled-error",
      severity: "major",
      location: { path: "mine/plugins/bad.ts", lines: { begin: 4 } },
    }),
  );
});

test("a folder without rights is named, with what its owner can do", async () => {
  const folder = await tempFolder();
  await chmod(folder, 0o555);
  const failed = await withoutRoot([folder], () =>
    writeRegistryFiles(folder, [{ file: "registry.json", content: "{}" }]).catch((error: unknown) => error),
  );
  await chmod(folder, 0o755);
  expect(fileFailure(failed)).toEqual({
    message: expect.stringMatching(/cannot be used: this user may not\./),
    hint: expect.stringMatching(/rights/),
  });
});

/** Mounting a file system needs root. */
const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

test.skipIf(!canMount)("a full disk leaves the folder as it was", async () => {
  const folder = await tempFolder();
  const script = await bundleScript(path.join(import.meta.dirname, "scripts/fill-disk.ts"));
  const command = 'mount -t tmpfs -o size=64k tmpfs "$1" && exec "$2" "$3" "$1"';
  const args = ["-rm", "sh", "-c", command, "sh", folder, process.execPath, script];
  const { stdout } = spawnSync("unshare", args, { encoding: "utf8" });
  expect(JSON.parse(stdout)).toEqual({
    code: "DISK_FULL",
    hint: expect.stringMatching(/\w/),
    left: { "registry.json": "before" },
  });
});

test("a new registry brings pipelines of three forges, which store no token of a person", async () => {
  const { mine } = await openBuildWorld();
  const text = (file: string) => readFile(path.join(mine, file), "utf8");
  const github = await text(".github/workflows/registry.yml");
  expect(github).toMatch(
    /hitagi registry build \. --dry-run[\s\S]*contents: write[\s\S]*registry publish \. --to git/,
  );
  expect(await text(".forgejo/workflows/registry.yml")).toContain("image: node:22");
  expect(await text(".gitlab-ci.yml")).toMatch(
    /--code-quality gl-code-quality-report\.json[\s\S]*CI_JOB_TOKEN/,
  );
  for (const file of [".github/workflows/registry.yml", ".gitlab-ci.yml"])
    expect(await text(file)).not.toMatch(/ACCESS_TOKEN|secrets\.(?!HITAGI_SIGNING)/);
});
