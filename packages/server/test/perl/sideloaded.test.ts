import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { describe, expect, onTestFinished, test } from "vitest";
import { bearer, KEY, openTestServer } from "../http/test-server.ts";
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

  test("a function of a plugin that is not managed is called by its full name, and by require", async () => {
    const { installer, run } = await openApp();
    const called = "LANraragi::Plugin::Metadata::Gallery";
    const script = (namespace: string, stem: string, call: string) =>
      Buffer.from(`package LANraragi::Plugin::Scripts::${stem};
use strict; use warnings;
sub plugin_info { return (name => "${stem}", type => "script", namespace => "${namespace}") }
sub run_script { ${call} }
1;`);
    const gallery = plain("gallery", "", { stem: "Gallery", top: 'sub tags_of { return "of:$_[0]" }' });
    await installer.sideload("Gallery.pm", gallery, undefined);
    const byName = script("by-name", "ByName", `return (tags => ${called}::tags_of(1))`);
    const required = script(
      "required",
      "Required",
      `require ${called}; return (tags => ${called}::tags_of(2))`,
    );
    await installer.sideload("ByName.pm", byName, undefined);
    await installer.sideload("Required.pm", required, undefined);
    expect(await run("by-name")).toEqual({ tags: "of:1" });
    expect(await run("required")).toEqual({ tags: "of:2" });
    await installer.uninstall(toNamespace("gallery"));
    await expect(run("by-name")).rejects.toThrow(`${called}, which is not installed here`);
  });

  test("settings in array form are saved by LANraragi's form in their order, counted from 1", async () => {
    const server = await openTestServer({ perl: "1" });
    onTestFinished(() => server.close());
    const source = Buffer.from(`package LANraragi::Plugin::Scripts::Listed;
use strict; use warnings;
sub plugin_info { return (name => "Listed", type => "script", namespace => "Listed-Up", parameters => [
  { type => "bool", desc => "first" }, { type => "string", desc => "second" }, { type => "int", desc => "third", default_value => "0.5" } ]) }
sub run_script { my ($class, $info, @settings) = @_; return (got => join("|", map { $_ // "undef" } @settings)) }
1;`);
    await server.services.installer.sideload("Listed.pm", source, undefined);
    const send = (fields: Record<string, string>) =>
      server.http.inject({
        method: "POST",
        url: "/config/plugins",
        headers: { ...bearer(KEY), "content-type": "application/x-www-form-urlencoded" },
        payload: new URLSearchParams(fields).toString(),
      });
    const used = async () =>
      (await server.call("usePlugin", { query: { plugin: "listed-up" } })).body.data?.got;
    const form = { "Listed-Up_CFG_1": "1", "Listed-Up_CFG_2": "some text", "Listed-Up_CFG_3": "1.5" };
    expect((await send(form)).statusCode).toBe(200);
    expect(await used()).toBe("1|some text|1.5");
    // A browser sends no field for a switch that is off, and LANraragi then has an empty text.
    expect((await send({ "LISTED-UP_CFG_2": "other" })).statusCode).toBe(200);
    expect(await used()).toBe("|other|1.5");
    expect((await send({ "Listed-Up_CFG_0": "1" })).statusCode).toBe(400);
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
