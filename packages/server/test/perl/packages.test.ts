import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { noPerl } from "../runtimes/perl/fixture.ts";
import { openApp, type PerlPlugin } from "./world.ts";

const gallery = (answer: string): PerlPlugin => ({
  namespace: "gallery",
  type: "metadata",
  stem: "Gallery",
  version: answer === "first" ? "1.0.0" : "2.0.0",
  sub: `sub get_tags { return () } sub tags_of { my ($id) = @_; return "${answer}:$id" }`,
});

const user = (top: string, call: string): PerlPlugin => ({
  namespace: "user",
  type: "script",
  stem: "User",
  top,
  sub: `sub run_script { return (tags => ${call}) }`,
});

const FULL_NAME = "LANraragi::Plugin::Managed::Metadata::Gallery::tags_of(7)";

describe.skipIf(noPerl)(`packages of other plugins${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  test.each([
    ["by its full name alone", "", FULL_NAME],
    ["after require", "", `do { require LANraragi::Plugin::Managed::Metadata::Gallery; ${FULL_NAME} }`],
    ["by use", "use LANraragi::Plugin::Managed::Metadata::Gallery;", FULL_NAME],
  ])("a function of another plugin is called %s", async (_, top, call) => {
    const { install, run, plugins } = await openApp();
    await install(gallery("first"));
    await install(user(top, call));
    expect(await run("user")).toEqual({ tags: "first:7" });
    const { manifest } = await plugins.record(toNamespace("user"));
    expect(manifest).toMatchObject({
      namespace: "user",
      uses: ["LANraragi::Plugin::Managed::Metadata::Gallery"],
    });
  });

  test("the version that is installed now is called, and its absence is named", async () => {
    const { install, run, installer, offer } = await openApp();
    const registry = await offer(user("", FULL_NAME));
    const namespace = toNamespace("user");
    expect((await installer.plan({ namespace, registry })).uses).toEqual([
      "LANraragi::Plugin::Managed::Metadata::Gallery",
    ]);
    await installer.install({ namespace, registry, grant: true });
    await expect(run("user")).rejects.toThrow(
      /^it calls tags_of of LANraragi::Plugin::Managed::Metadata::Gallery, which is not installed here/,
    );
    await install(gallery("first"));
    expect(await run("user")).toEqual({ tags: "first:7" });
    await installer.uninstall(toNamespace("gallery"));
    await install(gallery("second"));
    expect(await run("user")).toEqual({ tags: "second:7" });
  });

  test.each([
    ["behind __END__", `1;\n__END__\n${FULL_NAME}`],
    ["behind __DATA__", `1;\n__DATA__\n${FULL_NAME}`],
    ["in its manual", `=head1 NAME\n\n${FULL_NAME}\n\n=cut\n`],
    ["in a comment", `# ${FULL_NAME}`],
  ])("a name %s is no use of the other plugin", async (_, text) => {
    const { install, plugins } = await openApp();
    await install({
      namespace: "user",
      type: "script",
      stem: "User",
      sub: `sub run_script { return () }\n${text}`,
    });
    expect((await plugins.record(toNamespace("user"))).manifest).not.toHaveProperty("uses");
  });
});
