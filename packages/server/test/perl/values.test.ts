import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CallContext, EntryPoint, Runtime } from "../../src/runtimes/types.ts";
import { noPerl, perlText, unstopped } from "../runtimes/perl/fixture.ts";
import { codeOf, request } from "../runtimes/runtime-contract.ts";
import { openApp, type PerlPlugin } from "./world.ts";

let shared: Runtime;

const NAMED = `parameters => { user => {type => "string"}, quality => {type => "int"}, full => {type => "bool"},
  lang => {type => "string", default_value => "en"}, limit => {type => "int", default_value => "7"} },`;

const ORDERED = `parameters => [{type => "string", default_value => "a"}, {type => "int"}, {type => "bool"}],`;

/** Calls a plugin of any type whose function returns its arguments as JSON text. */
const argumentsOf = async (
  { type, sub, entry, info }: { type: string; sub: string; entry: EntryPoint; info: string },
  context: CallContext,
): Promise<unknown> => {
  const field = type === "download" ? "download_url" : "title";
  const subs = `use Mojo::JSON; sub ${sub} { my ($class, $info, @rest) = @_; delete $info->{user_agent};
    return (${field} => Mojo::JSON::to_json({info => [map { ($_ => $info->{$_}) } grep { $_ ne 'tempdir' } sort keys %$info], rest => \\@rest})) }`;
  const code = codeOf(perlText("", { type, info: `url_regex => ".",${info}`, subs }), "Probe.pm");
  const returned = (await shared.call(code, request({ entry, context }))) as Record<string, string>;
  return JSON.parse(returned.title ?? returned.downloadUrl ?? "");
};

const script = { type: "script", sub: "run_script", entry: "run" } as const;
const download = { type: "download", sub: "provide_url", entry: "provideUrl" } as const;

describe.skipIf(noPerl)(`the values of a call${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  beforeAll(() => {
    shared = unstopped();
  });
  afterAll(() => shared.stop());

  const settings = { user: "u", quality: 0, full: true, lang: "en", limit: 7 };

  test("a download plugin gets its named settings as a flat list", async () => {
    const context = { url: "https://x.test", settings, unset: ["quality", "lang", "limit"] };
    const { rest } = (await argumentsOf({ ...download, info: NAMED }, context)) as { rest: string[] };
    const pairs = rest.flatMap((name, i) => (i % 2 === 0 ? [[name, rest[i + 1]]] : []));
    expect(Object.fromEntries(pairs)).toEqual({ user: "u", quality: null, full: 1, lang: "en", limit: "7" });
  });

  test("a download plugin with settings by position gets them as customargs, as in LANraragi", async () => {
    const context = { url: "https://x.test", settings: { arg1: "b", arg2: 3, arg3: false } };
    expect(await argumentsOf({ ...download, info: ORDERED }, context)).toEqual({
      info: ["url", "https://x.test"],
      rest: ["customargs", ["b", 3, ""]],
    });
  });

  test("absent values are undefined: the argument, and settings without a default", async () => {
    const unset = Object.keys(settings);
    expect(await argumentsOf({ ...script, info: NAMED }, { settings, unset })).toEqual({
      info: ["oneshot_param", null],
      rest: [{ user: null, quality: null, full: null, lang: "en", limit: "7", oneshot: null }],
    });
    const byPosition = { settings: { arg1: "a", arg2: 0, arg3: false }, unset: ["arg1", "arg2", "arg3"] };
    expect(await argumentsOf({ ...script, info: ORDERED }, byPosition)).toMatchObject({
      rest: ["a", null, null],
    });
  });

  test("given values are passed, also empty ones", async () => {
    const given = { user: "", quality: 0, full: false, lang: "", limit: 1 };
    expect(
      await argumentsOf({ ...script, info: NAMED }, { arg: "", settings: given, unset: [] }),
    ).toMatchObject({
      info: ["oneshot_param", ""],
      rest: [{ user: "", quality: 0, full: "", lang: "", limit: 1, oneshot: "" }],
    });
  });
});

describe.skipIf(noPerl)("the values of a call in a whole server", () => {
  const gallery: PerlPlugin = {
    namespace: "gallery",
    type: "metadata",
    stem: "Gallery",
    info: 'parameters => { count => {type => "int"}, site => {type => "string"} },',
    sub: `sub get_tags { my ($class, $info, $params) = @_;
      my ($found) = grep { /^source:/ } split ',', $info->{existing_tags};
      return (tags => "found:$found", title => join "|", map { $_ // "undef" } $info->{oneshot_param}, @$params{qw(count site oneshot)}) }`,
  };

  test("a plugin that splits existing_tags at the comma finds the tag, and absent values are undefined", async () => {
    const { install, addArchive, run, plugins } = await openApp();
    await install(gallery);
    const { id } = await addArchive("one", {}, { tags: "artist:a, source:nhentai.net/g/1" });
    const found = " found:source:nhentai.net/g/1";
    expect(await run("gallery", { archive: id })).toEqual({
      new_tags: found,
      title: "undef|undef|undef|undef",
    });
    await plugins.putSettings("gallery", { count: 0, site: "" });
    expect(await run("gallery", { archive: id, arg: "x" })).toEqual({ new_tags: found, title: "x|0||x" });
  });
});
