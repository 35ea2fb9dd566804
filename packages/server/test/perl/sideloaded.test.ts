import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { noPerl } from "../runtimes/perl/fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openApp } from "./world.ts";

/** A plugin as LANraragi's own: its package is not below Managed. @param fields of plugin_info */
const plain = (namespace: string, fields: string, { stem = "Plain", type = "metadata", top = "" } = {}) =>
  Buffer.from(`package LANraragi::Plugin::Metadata::${stem};
use strict; use warnings; ${top}
sub plugin_info { return (name => "Plain", type => "${type}", namespace => "${namespace}", ${fields}) }
sub get_tags { return (tags => "from:${namespace}") }
sub provide_url { return (error => "none") }
1;`);

describe.skipIf(noPerl)(`sideloaded plugins of LANraragi${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  test.each(["0.001", "0.01", "2.5.2_1", "0.004.1", "0.3_1", "2.5"])(
    "the version %s is taken as it is",
    async (version) => {
      const { installer, plugins } = await openApp();
      const source = plain("plain", `version => "${version}", author => "me"`);
      expect(await installer.sideload("Plain.pm", source, undefined)).toMatchObject({ version });
      expect(plugins.list("all").find(({ namespace }) => namespace === "plain")).toMatchObject({ version });
    },
  );

  test("a plugin without version, author and url_regex loads", async () => {
    const { installer, plugins, addArchive, run } = await openApp();
    await installer.sideload("Plain.pm", plain("plain", ""), undefined);
    await installer.sideload("Down.pm", plain("down", "", { stem: "Down", type: "download" }), undefined);
    expect(await plugins.record(toNamespace("plain"))).toMatchObject({
      version: "0.0.0",
      manifest: { author: "unknown" },
    });
    const { id } = await addArchive("one");
    expect(await run("plain", { archive: id })).toMatchObject({ new_tags: " from:plain" });
    expect(await plugins.takesUrl("https://down.test/")).toBe(false);
  });

  test("a metadata plugin is chosen by its url_regex, also one that is no pattern here, and LANraragi's own by what they read", async () => {
    const { installer, plugins, addArchive, run } = await openApp();
    const pattern = "url_regex => 'https?:\\/\\/site\\.example\\/g\\/.*',";
    await installer.sideload("Reader.pm", plain("reader", pattern, { stem: "Reader" }), undefined);
    await installer.sideload("Odd.pm", plain("odd", "url_regex => '(',", { stem: "Odd" }), undefined);
    await installer.sideload("Plain.pm", plain("nhplugin", ""), undefined);
    expect(await plugins.addresses.list(undefined)).toMatchObject([
      { plugin: "nhplugin", sites: ["nhentai.net"] },
      { plugin: "odd", sites: [] },
      { plugin: "reader", sites: ["site.example"] },
    ]);
    const chosen = await plugins.addresses.choose("site.example/g/1");
    expect(chosen).toEqual({ namespace: "reader", arg: "https://site.example/g/1" });
    const { id } = await addArchive("one");
    expect(await run("reader", { archive: id, arg: chosen.arg })).toMatchObject({ new_tags: " from:reader" });
    expect((await plugins.addresses.choose("nhentai.net/g/1")).namespace).toBe("nhplugin");
  });

  test("files of one name are kept beside each other, also after an upload of each again", async () => {
    const { installer, plugins } = await openApp();
    const files = {
      login: plain("login", ""),
      meta: plain("meta", ""),
      again: plain("meta", 'version => "2",'),
    };
    const named = async (source: Buffer) =>
      (await installer.sideload("EHentai.pm", source, undefined)).filename;
    expect(await named(files.login)).toBe("EHentai.pm");
    expect(await named(files.meta)).toBe("EHentai-meta.pm");
    expect(await named(files.again)).toBe("EHentai-meta.pm");
    expect(await named(files.login)).toBe("EHentai.pm");
    const paths = await Promise.all(["login", "meta"].map((name) => plugins.record(toNamespace(name))));
    expect(paths.map(({ path: file, version }) => [file, version])).toEqual([
      ["Sideloaded/EHentai.pm", "0.0.0"],
      ["Sideloaded/EHentai-meta.pm", "2"],
    ]);
  });

  test("an older perl is named", async () => {
    const { installer } = await openApp();
    const source = plain("plain", "", { top: "use v5.99;" });
    await expect(installer.sideload("Plain.pm", source, undefined)).rejects.toThrow(
      /it needs perl v5\.99\.0, and this server has v5\.\d+\.\d+$/,
    );
  });

  test("a file that does not load keeps its namespace from others", async () => {
    const data = await tempFolder();
    const folder = path.join(data, "plugins", "Sideloaded");
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "Another.pm"), plain("tagger", "", { top: "use Not::Installed;" }));
    const { offer, installer } = await openApp({ data });
    const registry = await offer({
      namespace: "tagger",
      type: "metadata",
      stem: "Tagger",
      sub: "sub get_tags {}",
    });
    await expect(
      installer.install({ namespace: toNamespace("tagger"), registry, grant: true }),
    ).rejects.toMatchObject({ code: "NAMESPACE_TAKEN" });
  });
});
