import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Permissions, toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { createActivePlugins } from "../../src/plugins/registry/active.ts";
import { noBubblewrap, noPerl, openPerl, perlText } from "../runtimes/perl/fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { activePlugin } from "./active-plugin.ts";
import { openPlugins } from "./open-plugins.ts";
import { pluginSource } from "./plugin-source.ts";

const namespace = toNamespace("reader");

/** A file that every user may read. */
const madeFile = async (text = "the tags"): Promise<string> => {
  const folder = await tempFolder();
  await chmod(folder, 0o755);
  const file = path.join(folder, "tags.db");
  await writeFile(file, text);
  return file;
};

const reader = pluginSource(
  {
    namespace,
    type: "script",
    permissions: { net: ["a.example.org"], library: "read", files: "a tag database" },
  },
  "return { text: await ctx.files.text(ctx.arg).catch((e) => e.message) };",
);

const others: Permissions = { net: ["a.example.org"], library: "read" };

describe("the owner grants files", () => {
  test("to a plugin, which keeps all else, until the grant is taken away", async () => {
    const { plugins, sideload, store } = await openPlugins();
    await sideload(reader);
    const file = await madeFile();
    const read = async () => (await plugins.use({ namespace, arg: file })).data;
    expect(await read()).toEqual({ text: expect.stringContaining("none is granted") });
    expect(await plugins.grant(namespace, { files: [`${file}`, path.join(file, "..", "tags.db")] })).toEqual({
      ...others,
      files: [file],
    });
    expect(await read()).toEqual({ text: "the tags" });
    expect((await store.plugins.get(namespace))?.granted).toEqual({ ...others, files: [file] });
    expect(await plugins.grant(namespace, { files: [] })).toEqual(others);
    expect(await read()).toEqual({ text: expect.stringContaining("none is granted") });
  });

  test("that stay when all that the plugin asks for is granted, and go with everything else", async () => {
    const { plugins, sideload } = await openPlugins();
    await sideload(reader);
    const file = await madeFile();
    await plugins.grant(namespace, { files: [file] });
    expect(await plugins.grant(namespace)).toEqual({ ...others, files: [file] });
    expect(await plugins.grant(namespace, { library: "read" })).toEqual({ library: "read" });
    expect(await plugins.grant(namespace, { library: "read", files: [file] })).toEqual({
      library: "read",
      files: [file],
    });
    expect(await plugins.grant(namespace, {})).toEqual({});
  });

  test("and a refused path changes nothing", async () => {
    const { plugins, sideload, root } = await openPlugins();
    await sideload(reader);
    const refused = plugins.grant(namespace, { files: [await madeFile(), path.join(root, "absent")] });
    await expect(refused).rejects.toMatchObject({ code: "FILE_NOT_GRANTABLE", status: 400 });
    expect((await plugins.record(namespace)).granted).toEqual(others);
  });

  test("that are granted still after a restart, and to a builtin plugin beside all that it asks for", async () => {
    const first = await openPlugins();
    await first.sideload(reader);
    await first.write(
      "builtin/own.ts",
      pluginSource(
        {
          namespace: toNamespace("own"),
          type: "script",
          permissions: { net: ["a.example.org"], library: "read" },
        },
        "",
      ),
    );
    await first.plugins.scan();
    const file = await madeFile();
    await first.plugins.grant(namespace, { files: [file] });
    await first.plugins.grant(toNamespace("own"), { files: [file] });
    await first.close();
    const second = await openPlugins({ root: first.root });
    await second.plugins.scan();
    const granted = { ...others, files: [file] };
    expect(second.active.list().map((plugin) => [plugin.namespace, plugin.granted])).toEqual([
      ["own", granted],
      ["reader", granted],
    ]);
  });
});

test("a change of files ends the processes of a version, another change does not", () => {
  const retired: string[] = [];
  const active = createActivePlugins({ retire: ({ code }) => void retired.push(code.sha256) });
  const plugin = activePlugin({ namespace });
  active.set(namespace, plugin);
  active.patch(namespace, { granted: { net: ["a.example.org"] } });
  expect(retired).toEqual([]);
  active.patch(namespace, { granted: { files: ["/srv/tags.db"] } });
  expect(retired).toEqual([plugin.code.sha256]);
  active.patch(namespace, { enabled: true });
  active.set(namespace, { ...plugin, granted: { files: ["/srv/tags.db"] } });
  expect(retired).toHaveLength(1);
});

const perlReader = perlText(
  `open my $in, '<', $info->{oneshot_param} or return (reason => "$!"); local $/; my $text = <$in>; return (text => $text);`,
  { info: 'oneshot_arg => "a file",' },
).replace("Managed::Scripts", "Sideloaded");

describe.skipIf(noBubblewrap)(`a Perl plugin${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`, () => {
  test("has its files from the next call on, and its network stays open", async () => {
    const runtime = openPerl();
    const { plugins, write } = await openPlugins({ runtimes: [runtime] });
    await write("plugins/Sideloaded/Probe.pm", perlReader);
    await plugins.scan();
    const file = await madeFile();
    const read = async () => (await plugins.use({ namespace: toNamespace("probe"), arg: file })).data;
    expect(await read()).toEqual({ reason: "No such file or directory" });
    expect(await plugins.grant(toNamespace("probe"), { files: [file] })).toEqual({ files: [file] });
    expect(await read()).toEqual({ text: "the tags" });
    await plugins.grant(toNamespace("probe"), { files: [] });
    expect(await read()).toEqual({ reason: "No such file or directory" });
  });

  test("is not called while a granted path is missing", async () => {
    const { plugins, write } = await openPlugins({ runtimes: [openPerl()] });
    await write("plugins/Sideloaded/Probe.pm", perlReader);
    await plugins.scan();
    const file = await madeFile();
    await plugins.grant(toNamespace("probe"), { files: [file] });
    await rm(file);
    const called = plugins.use({ namespace: toNamespace("probe"), arg: file });
    await expect(called).rejects.toMatchObject({
      code: "GRANTED_FILE_UNAVAILABLE",
      message: expect.stringContaining("it does not exist"),
    });
    await mkdir(file);
    expect((await plugins.use({ namespace: toNamespace("probe"), arg: `${file}/x` })).data).toEqual({
      reason: "No such file or directory",
    });
  });
});

test.skipIf(noPerl)(
  "the hosts that the owner left of a Perl plugin's network stay after a restart",
  async () => {
    const first = await openPlugins({ runtimes: [openPerl()] });
    await first.write("plugins/Sideloaded/Probe.pm", perlReader);
    await first.plugins.scan();
    await first.plugins.grant(toNamespace("probe"), { net: ["a.example.org"] });
    await first.close();
    const second = await openPlugins({ root: first.root, runtimes: [openPerl()] });
    await second.plugins.scan();
    expect((await second.plugins.record(toNamespace("probe"))).granted).toEqual({ net: ["a.example.org"] });
  },
);
