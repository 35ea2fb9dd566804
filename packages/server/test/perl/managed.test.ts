import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { noBubblewrap, noPerl } from "../runtimes/perl/fixture.ts";
import { openApp, type PerlPlugin, perlPlugin } from "./world.ts";

const echo: PerlPlugin = {
  namespace: "echo",
  type: "script",
  stem: "Echo",
  sub: "sub run_script { return (version => {plugin_info()}->{version}, said => $_[1]{oneshot_param}) }",
};

describe.skipIf(noPerl)(`a managed Perl plugin${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  test("is stored where LANraragi stores it, and its record has its runtime and confinement", async () => {
    const { install, plugins, folder, store } = await openApp();
    await install(echo);
    expect(await readFile(path.join(folder, "plugins/Managed/Scripts/Echo.pm"), "utf8")).toBe(
      perlPlugin(echo),
    );
    const record = await plugins.record("echo");
    expect(record).toMatchObject({
      path: "Managed/Scripts/Echo.pm",
      runtime: "perl",
      type: "script",
      health: { state: "ok" },
      confinement: { network: noBubblewrap ? "unconfined" : "broker" },
    });
    if (record.confinement.files === "unconfined") expect(record.confinement.reason).toMatch(/bubblewrap/);
    expect((await store.plugins.get("echo"))?.provenance?.path).toBe("Managed/Scripts/Echo.pm");
  });

  test("is upgraded while it runs: calls in flight end on the old version, later ones run the new", async () => {
    const { offer, installer, plugins, run } = await openApp();
    const waiting: PerlPlugin = {
      ...echo,
      sub: `use Time::HiRes; sub run_script { Time::HiRes::sleep($_[1]{oneshot_param} || 0);
        return (version => {plugin_info()}->{version}) }`,
    };
    const registry = await offer(waiting, { version: "1.0.0" }, { version: "2.0.0" });
    await installer.install({ namespace: "echo", registry, version: "1.0.0" });
    expect(await run("echo")).toEqual({ version: "1.0.0" });
    const inFlight = [run("echo", { arg: "1.5" }), run("echo", { arg: "0.1" })];
    await installer.install({ namespace: "echo", registry, version: "2.0.0" });
    expect(await run("echo")).toEqual({ version: "2.0.0" });
    expect(await Promise.all(inFlight)).toEqual([{ version: "1.0.0" }, { version: "1.0.0" }]);
    await installer.rollback("echo");
    expect(await run("echo")).toEqual({ version: "1.0.0" });
    expect((await plugins.record("echo")).versions).toHaveLength(2);
  });

  test("is listed after a restart, and does not run while Perl is off: the list gives the reason", async () => {
    const first = await openApp();
    await first.install(echo);
    await first.app.stop();
    const again = await openApp({ data: first.folder });
    expect(await again.run("echo", { arg: "はい" })).toEqual({ version: "1.0.0", said: "はい" });
    await again.app.stop();
    const off = await openApp({ data: first.folder, perl: "0" });
    expect((await off.plugins.record("echo")).health).toEqual({
      state: "broken",
      reason: "Perl plugins are off; start the server with --perl (HITAGI_PERL=1) to run them",
    });
    await expect(off.run("echo")).rejects.toMatchObject({ code: "RUNTIME_UNAVAILABLE" });
    await expect(off.run("echo")).rejects.toThrow(/^Echo\.pm cannot run here: Perl plugins are off/);
    const registry = await off.offer({ ...echo, namespace: "other", stem: "Other" });
    const install = off.installer.install({ namespace: "other", registry });
    await expect(install).rejects.toMatchObject({ code: "RUNTIME_UNAVAILABLE" });
    await expect(install).rejects.toThrow(/^Other\.pm cannot run here: Perl plugins are off/);
    const { conflicts } = await off.installer.plan({ namespace: "other", registry });
    expect(conflicts.map(({ code }) => code)).toEqual(["RUNTIME_UNAVAILABLE"]);
    await off.app.stop();
    const on = await openApp({ data: first.folder });
    expect((await on.plugins.record("echo")).health.state).toBe("ok");
  });

  const text = (change: (source: string) => string) => ({ source: change(perlPlugin(echo)) });

  test.each([
    [
      "its package does not match its path",
      text((s) => s.replace("Managed::Scripts", "Scripts")),
      "PACKAGE_MISMATCH",
      /^Package mismatch: the file declares LANraragi::Plugin::Scripts::Echo, its place needs LANraragi::Plugin::Managed::Scripts::Echo\.$/,
    ],
    [
      "its package is only in its documentation",
      {
        source:
          "=head1 X\n\npackage LANraragi::Plugin::Managed::Scripts::Echo;\n\n=cut\n\npackage Foo;\n1;\n",
      },
      "PACKAGE_MISMATCH",
      /the file declares Foo/,
    ],
    ["it has no package", { source: "1;" }, "PACKAGE_MISMATCH", /the file declares none/],
    [
      "its file's name is invalid",
      { artifact: "p/E cho.pm" },
      "ARTIFACT_NAME_INVALID",
      /^Invalid plugin filename: E cho\.pm$/,
    ],
    ["its hash differs", { sha256: "0".repeat(64) }, "HASH_MISMATCH", /^SHA-256 mismatch/],
    [
      "it dies",
      text((s) => s.replace("use utf8;", 'die "no";')),
      "LOAD_FAILED",
      /^The plugin failed to load: no at Echo\.pm line 3\.$/,
    ],
    [
      "it needs a Perl module that is not installed",
      text((s) => s.replace("use utf8;", "use YAML::PP::NotThere;")),
      "LOAD_FAILED",
      /^The plugin failed to load: it needs the Perl module YAML::PP::NotThere, .*apt-get install libyaml-pp-perl$/,
    ],
    [
      "its manifest has another version",
      text((s) => s.replace("1.0.0", "1.0.1")),
      "MANIFEST_MISMATCH",
      /version is 1\.0\.1/,
    ],
    [
      "its manifest has another namespace",
      text((s) => s.replace('"echo"', '"ohce"')),
      "MANIFEST_MISMATCH",
      /namespace is ohce/,
    ],
    [
      "it has no name",
      text((s) => s.replace('name => "Echo",', "")),
      "MANIFEST_INVALID",
      /not valid at \/name/,
    ],
  ])("is refused if %s, and nothing of it remains", async (_, fault, code, message) => {
    const { offer, installer, plugins } = await openApp();
    const registry = await offer(echo, { version: "1.0.0", ...fault });
    const install = installer.install({ namespace: "echo", registry });
    await expect(install).rejects.toMatchObject({ code });
    await expect(install).rejects.toThrow(message);
    await expect(plugins.record("echo")).rejects.toMatchObject({ code: "PLUGIN_NOT_INSTALLED" });
  });

  test("that crashes repeatedly is quarantined, and its next version is not", async () => {
    const { offer, installer, plugins, run } = await openApp();
    const dying = { ...echo, sub: "sub run_script { kill KILL => $$; sleep 1 }" };
    const registry = await offer(echo, { version: "1.0.0", source: perlPlugin(dying) }, { version: "2.0.0" });
    await installer.install({ namespace: "echo", registry, version: "1.0.0" });
    const guest = { kind: "api", key: "guest" } as const;
    for (const request of [{ arg: "one" }, { arg: "one" }, { arg: "two", actor: guest }]) {
      await expect(run("echo", request)).rejects.toMatchObject({ code: "PLUGIN_CRASHED" });
    }
    await expect(run("echo")).rejects.toMatchObject({ code: "PLUGIN_QUARANTINED" });
    await installer.install({ namespace: "echo", registry, version: "2.0.0" });
    expect((await plugins.record("echo")).health.state).toBe("ok");
    expect(await run("echo")).toMatchObject({ version: "2.0.0" });
  });
});
