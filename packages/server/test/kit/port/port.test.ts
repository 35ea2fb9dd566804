import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { archiveBytes } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { tsconfig } from "../../../src/kit/scaffold/project-files.ts";
import { runCaptured } from "../../cli/cli-world.ts";
import { noPerl } from "../../runtimes/perl/fixture.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const repository = path.resolve(import.meta.dirname, "../../../../..");
const examples = path.join(repository, "examples/registry/plugins");
const EXAMPLES = {
  "InfoFile.pm": "metadata/info-file/1.0.0",
  "LinkPage.pm": "download/link-page/1.0.0",
  "MemberLogin.pm": "login/member-login/1.0.0",
  "SourceSearch.pm": "script/source-search/1.0.0",
} as const;

/** A folder with examples in Perl, whose commands run in it. */
const openFolder = async (...names: (keyof typeof EXAMPLES)[]) => {
  const folder = await tempFolder();
  for (const name of names)
    await copyFile(path.join(examples, EXAMPLES[name], name), path.join(folder, name));
  const info = { title: " A title ", tags: ["one", " two "], summary: "About it." };
  await writeFile(path.join(folder, "comic.cbz"), archiveBytes({ pages: 2, files: { "x/info.json": info } }));
  await writeFile(path.join(folder, "plain.cbz"), archiveBytes({ pages: 1 }));
  return {
    folder,
    port: (...args: string[]) => runCaptured(["port", ...args], { cwd: folder }),
    read: (name: string) => readFile(path.join(folder, name), "utf8"),
    write: (name: string, text: string) => writeFile(path.join(folder, name), text),
  };
};

test.skipIf(noPerl)(
  "the examples come over whole, load, and pass the type check of a new plugin",
  async () => {
    const names = Object.keys(EXAMPLES) as (keyof typeof EXAMPLES)[];
    const { folder, port, write } = await openFolder(...names);
    const { code, json } = await port(...names, "--json");
    expect(code).toBe(0);
    expect(
      json.plugins.map(({ out, left }: { out: string; left: unknown }) => [path.basename(out), left]),
    ).toEqual([
      ["info-file.ts", []],
      ["link-page.ts", []],
      ["member-login.ts", []],
      ["source-search.ts", []],
    ]);
    expect(json.translated).toBe(json.statements);
    const config = JSON.parse(tsconfig());
    config.compilerOptions.paths = { "@hitagi/sdk": [path.join(repository, "packages/sdk/src/index.ts")] };
    await write("tsconfig.json", JSON.stringify(config));
    const compiler = path.join(repository, "node_modules/typescript/bin/tsc");
    await promisify(execFile)(process.execPath, [compiler, "-p", folder]);
    for (const { namespace } of json.plugins) {
      const checked = await runCaptured(["check", `${namespace}.ts`, "--json"], { cwd: folder });
      const errors = checked.json.findings.filter(
        ({ severity }: { severity: string }) => severity === "error",
      );
      expect([namespace, errors]).toEqual([namespace, []]);
    }
  },
);

test.skipIf(noPerl)("it says how much came over, and never writes over a file", async () => {
  const { folder, port, read, write } = await openFolder("InfoFile.pm");
  const dry = await port("InfoFile.pm", "--dry-run", "--json");
  expect(dry.json).toMatchObject({
    namespace: "info-file",
    type: "metadata",
    isWritten: false,
    left: [],
    hosts: [],
  });
  expect(await readdir(folder)).not.toContain("info-file.ts");
  const { out } = await port("InfoFile.pm");
  expect(out.trimEnd()).toMatch(
    /^Wrote InfoFile\.pm as info-file\.ts: (\d+) of \1 statements came over \(100 %\)\.$/,
  );
  await write("info-file.ts", "mine");
  const again = await port("InfoFile.pm");
  expect([again.code, again.err]).toEqual([
    1,
    expect.stringMatching(/info-file\.ts exists already[\s\S]*--out/),
  ]);
  expect(await read("info-file.ts")).toBe("mine");
});

test.skipIf(noPerl)(
  "of several plugins, one that does not load is named, and the others come over",
  async () => {
    const { folder, port, write } = await openFolder("InfoFile.pm", "LinkPage.pm");
    await write("Newer.pm", "use v5.99;\nsub plugin_info { return ( name => 'Newer' ) }\n1;\n");
    const dry = await port("InfoFile.pm", "Newer.pm", "LinkPage.pm", "--dry-run", "--json");
    expect([dry.code, dry.json.plugins.length, dry.json.failed]).toMatchObject([
      1,
      2,
      [{ file: "Newer.pm", message: expect.stringContaining("v5.99") }],
    ]);
    const { code, out, err } = await port("InfoFile.pm", "Newer.pm", "LinkPage.pm");
    expect([code, out]).toEqual([1, expect.stringMatching(/^Newer\.pm: .*v5\.99[\s\S]*^Together: /m)]);
    expect(err).toContain("1 of 3 plugins could not be ported; the first is Newer.pm.");
    expect(await readdir(folder)).toEqual(expect.arrayContaining(["info-file.ts", "link-page.ts"]));
  },
);

test.skipIf(noPerl)(
  "the comparison runs both on the same archives, and shows where they differ",
  async () => {
    const { port, read, write } = await openFolder("InfoFile.pm");
    const archives = ["--archive", "comic.cbz", "--archive", "plain.cbz", "--set", "tags_before=genre:"];
    const same = await port("InfoFile.pm", "--compare", ...archives, "--json");
    expect([same.code, same.json.compared.map(({ isSame }: { isSame: boolean }) => isSame)]).toEqual([
      0,
      [true, true],
    ]);
    expect(same.json.compared[0].perl.result).toMatchObject({
      tags: ["genre:one", "genre:two"],
      title: "A title",
    });
    expect(same.json.compared[1].typeScript.failure.message).toMatch(/has no file info\.json/);
    await write("info-file.ts", (await read("info-file.ts")).replace('join(",")', 'slice(1).join(",")'));
    const { code, out } = await port("InfoFile.pm", "--compare", ...archives);
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/comic\.cbz: they differ\.\n {2}only Perl: +"genre:one"/),
    ]);
  },
);

test.skipIf(noPerl)("both get the recorded answers, also of encrypted addresses", async () => {
  const { folder, port, write } = await openFolder("LinkPage.pm");
  const body = { text: '<a href="/about">About</a> <a href="get/one.cbz">One</a>' };
  const exchange = {
    method: "GET",
    url: "https://files.example.org/works/1",
    status: 200,
    headers: {},
    body,
  };
  await mkdir(path.join(folder, "recordings"));
  await write("recordings/link-page.json", JSON.stringify({ version: 1, exchanges: [exchange] }));
  const { code, json, err } = await port("LinkPage.pm", "--compare", "--url", exchange.url, "--json");
  expect([code, err]).toEqual([0, ""]);
  const downloadUrl = "https://files.example.org/works/get/one.cbz";
  expect(json.compared).toMatchObject([
    { isSame: true, perl: { result: { downloadUrl } }, typeScript: { result: { downloadUrl } } },
  ]);
});

test("what cannot be ported says why, and writes nothing", async () => {
  const { folder, port, write } = await openFolder();
  const failed = async (...args: string[]) => {
    const { code, err } = await port(...args);
    return [code, err] as const;
  };
  expect(await failed("a.ts")).toEqual([2, expect.stringMatching(/no plugin in Perl/)]);
  expect(await failed("none.pm")).toEqual([1, expect.stringMatching(/does not exist/)]);
  expect(await failed("a.pm", "--archive", "comic.cbz")).toEqual([2, expect.stringMatching(/--compare/)]);
  await write("A.pm", "package LANraragi::Plugin::Managed::Metadata::A;\nsub plugin_info {");
  const [code, err] = await failed("A.pm");
  expect([code, err]).toEqual([1, expect.stringMatching(/A\.pm/)]);
  expect((await readdir(folder)).sort()).toEqual(["A.pm", "comic.cbz", "plain.cbz"]);
});
