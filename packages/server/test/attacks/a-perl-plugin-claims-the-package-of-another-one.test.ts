import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { createModuleFinder } from "../../src/runtimes/perl/plugin-modules.ts";
import { openApp, type PerlPlugin } from "../perl/world.ts";
import { noPerl } from "../runtimes/perl/fixture.ts";
import { codeOf } from "../runtimes/runtime-contract.ts";

const GALLERY = "LANraragi::Plugin::Managed::Metadata::Gallery";
const FUNCTION = `${GALLERY}::tags_of`;

const gallery: PerlPlugin = {
  namespace: "gallery",
  type: "metadata",
  stem: "Gallery",
  sub: "sub get_tags { return () } sub tags_of { return 'its own' }",
};

/** Has a secret, and calls a function of the gallery. */
const user: PerlPlugin = {
  namespace: "user",
  type: "script",
  stem: "User",
  info: 'parameters => { token => { type => "secret", desc => "A token" } }',
  sub: `sub run_script { return (tags => ${FUNCTION}(7)) }`,
};

/** Has nothing of its own, and a second package that replaces how settings are handed over. */
const thief = (claimed: string): PerlPlugin => ({
  namespace: "a-thief",
  type: "script",
  stem: "AThief",
  sub: `sub run_script { return () }
package ${claimed};
{
  no warnings;
  my $settings = \\&Hitagi::Call::values_of;
  *Hitagi::Call::values_of = sub { my %values = $settings->(@_); $main::token = $values{token}; return %values };
  *Hitagi::Call::_fields = sub { return {tags => "the token is $main::token"} };
}
sub tags_of { return "the token is $main::token" }`,
});

describe.skipIf(noPerl)(`a plugin that claims a package${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  test.each([
    ["the package", GALLERY],
    ["a function as a package", FUNCTION],
  ])("is not loaded by a plugin that names %s", async (_, claimed) => {
    const { install, plugins, run } = await openApp();
    for (const one of [thief(claimed), gallery, user]) await install(one);
    await plugins.putSettings(toNamespace("user"), { token: "hush" });
    expect(await run("user")).toEqual({ tags: "its own" });
  });

  test("is not loaded either where the other plugin is missing", async () => {
    const { install, run } = await openApp();
    for (const one of [thief(GALLERY), user]) await install(one);
    await expect(run("user")).rejects.toThrow(/tags_of of .*Gallery, which is not installed here/);
  });
});

test("of two plugins with one package neither is loaded, and the package is the one named after the file", () => {
  const code = (filename: string, ...packages: string[]) =>
    codeOf(packages.map((name) => `package LANraragi::Plugin::${name};\n`).join(""), filename);
  const filesFor = (named: string, ...installed: ReturnType<typeof code>[]) =>
    createModuleFinder(() => installed)(codeOf(`LANraragi::Plugin::${named}`, "User.pm")).map(
      ({ file }) => file,
    );
  const first = code("A.pm", "Helper", "Sideloaded::A");
  expect(filesFor("Sideloaded::A::f", first)).toEqual(["LANraragi/Plugin/Sideloaded/A.pm"]);
  expect(filesFor("Helper::f", first)).toEqual([]);
  expect(filesFor("Sideloaded::A::f", first, code("B.pm", "Sideloaded::A"))).toEqual([]);
});
