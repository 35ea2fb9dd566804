import { strToU8 } from "fflate";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { HostRequestHandler, Runtime } from "../../src/runtimes/types.ts";
import { rar5 } from "../library/containers/rar.ts";
import { pdf } from "../library/containers/samples.ts";
import { upload } from "../library/library-contract.ts";
import { noPerl, perlScript, perlText, unstopped } from "../runtimes/perl/fixture.ts";
import { codeOf, request } from "../runtimes/runtime-contract.ts";
import { openApp, type PerlPlugin } from "./world.ts";

let shared: Runtime;

const run = (top: string, body: string, onHostRequest?: HostRequestHandler): Promise<unknown> =>
  shared.call(perlScript(body, { top }), request(onHostRequest && { onHostRequest }));

describe.skipIf(noPerl)(`LANraragi's functions${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  beforeAll(() => {
    shared = unstopped();
  });
  afterAll(() => shared.stop());

  const expressions: [module: string, expression: string, expected: unknown][] = [
    ["String qw(trim)", 'trim("  a b \\n")', "a b"],
    ["String qw(trim)", "trim(undef)", ""],
    ["String qw(trim_CRLF)", 'trim_CRLF("a\\r\\nb\\n")', "ab"],
    ["String qw(trim_url)", 'trim_url(" https://www.example.org/a/b/?x=1 ")', "example.org/a/b"],
    ["String qw(trim_url)", 'trim_url("example.org/a")', "example.org/a"],
    [
      "String qw(trim_url)",
      '[map { trim_url($_) } "a.org/b?x=1", "see https://www.x.org/q ?"]',
      ["a.org/b?x=1", "x.org/q "],
    ],
    ["String qw(clean_title)", 'clean_title("(c12) [a (b)] A title [en] [x]")', "A title"],
    ["String qw(remove_separator)", 'remove_separator("a.b.c", ".")', "a b c"],
    [
      "String qw(most_similar)",
      '[most_similar("はに", "ほ", "には", "はに"), most_similar("q", "a", "b")]',
      [2, 0],
    ],
    ["String qw(most_similar)", '[most_similar("q")]', []],
    [
      "Tags qw(replace_CRLF restore_CRLF)",
      '[replace_CRLF("a\\r\\nb"), restore_CRLF("a;b")]',
      ["a;b", "a\r\nb"],
    ],
    [
      "Tags qw(tags_rules_to_array)",
      '[tags_rules_to_array("-a b\\n-p:*\\n~Artist\\nm:* -> n:*\\nFoo => Bar\\nx -> Y\\nplain\\n")]',
      [
        ["remove", "a b", ""],
        ["remove_ns", "p", ""],
        ["strip_ns", "artist", ""],
        ["replace_ns", "m", "n"],
        ["hash_replace", "foo", "Bar"],
        ["replace", "x", "Y"],
        ["remove", "plain", ""],
      ],
    ],
    [
      "Tags qw(rewrite_tags tags_rules_to_array)",
      '[rewrite_tags(["A b", "P:x", "artist:c", "m:d", "foo", "X", "keep"], [tags_rules_to_array("-a b\\n-p:*\\n~artist\\nm:* -> n:*\\nfoo => Bar\\nx -> Y")])]',
      ["c", "n:d", "Bar", "Y", "keep"],
    ],
    [
      "Tags qw(unflat_tagrules)",
      "[unflat_tagrules([1 .. 6])]",
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    ["Tags qw(split_tags_to_array)", '[split_tags_to_array(" a:b , c\\n,d")]', ["a:b", "c", "d"]],
    ["Tags qw(join_tags_to_string)", 'join_tags_to_string("a", "b")', "a,b"],
    [
      "Generic qw(is_archive)",
      '[map { is_archive($_) ? 1 : 0 } "a.CBZ", "b.pdf", "c.txt", ".zip"]',
      [1, 1, 0, 0],
    ],
    [
      "Generic qw(get_tag_with_namespace)",
      '[get_tag_with_namespace("source", "artist:a, source:b", "x"), get_tag_with_namespace("z", "a:b", "x")]',
      ["b", "x"],
    ],
    [
      "Generic qw(remove_spaces remove_newlines)",
      'do { my $t = " a\\nb "; remove_spaces($t); remove_newlines($t); $t }',
      "ab",
    ],
    [
      "Generic qw(exec_with_lock_pure)",
      '[exec_with_lock_pure(["a"], sub { exec_with_lock_pure(["a"], sub {2}) ? 1 : 0 })]',
      [1, 0],
    ],
    ["Generic qw(exec_with_lock_pure)", '[exec_with_lock_pure(["a"], sub {"done"})]', [1, "done"]],
    [
      "Generic qw(shasum_str flat)",
      '[shasum_str("abc", 1), flat(1, [2, 3])]',
      ["a9993e364706816aba3e25717850c26c9cd0d89d", 1, 2, 3],
    ],
    [
      "Generic qw(array_difference intersect_arrays)",
      "[array_difference([1, 2], [2, 3]), intersect_arrays([1, 2], [2, 3]), intersect_arrays([1], [1, 2], 1)]",
      ["3", "2", "2"],
    ],
    ["Generic qw(filter_hash_by_keys)", '{filter_hash_by_keys(["a"], a => 1, b => 2)}', { a: 1 }],
    [
      "Path qw(move_path unlink_path open_path)",
      'do { my $f = "$info->{tempdir}/p"; open_path(my $h, ">", $f); close $h; move_path($f, "$f.2"); [-e "$f.2" ? 1 : 0, unlink_path("$f.2")] }',
      [1, 1],
    ],
    ["Generic qw(is_image)", '[map { is_image($_) ? 1 : 0 } "a.JPG", "b.webp", "c.zip"]', [1, 1, 0]],
    ["Redis qw(redis_decode redis_encode)", 'redis_decode(redis_encode("は"))', "は"],
    ["Redis qw(redis_encode)", 'length redis_encode("は")', 3],
    ["Redis qw(redis_encode)", 'redis_decode(redis_encode("e\\x{301}"))', "é"],
    ["Redis qw(redis_decode)", 'redis_decode(redis_encode(redis_encode("は")))', "は"],
    ["Path qw(create_path)", 'create_path("/a")', "/a"],
    [
      "Path qw(open_path_or_die date_modified)",
      'do { my $f = "$info->{tempdir}/x"; open_path_or_die(my $h, ">", $f); print {$h} 1; close $h; date_modified($f) > time - 60 ? "new" : "" }',
      "new",
    ],
    [
      "Database qw(compute_id)",
      'do { my $f = "$info->{tempdir}/x"; open my $h, ">", $f; print {$h} "x" x 512001; close $h; compute_id($f) }',
      "26677247976e44d2763e6ac2f2ee32ce542457a7",
    ],
    ["Database qw(invalidate_cache)", "[invalidate_cache(1)]", []],
  ];

  test("return the same as LANraragi's", async () => {
    const top = expressions.map(([module]) => `use LANraragi::Utils::${module};`).join(" ");
    const body = `return (${expressions.map(([, expression], i) => `n${i} => ${expression}`).join(",\n")});`;
    const result = (await run(top, body)) as Record<string, unknown>;
    for (const [i, [, expression, expected]] of expressions.entries()) {
      expect(result[`n${i}`], expression).toEqual(expected);
    }
  });

  test("a plugin's logger writes to the server's log under the plugin's name", async () => {
    const said: unknown[] = [];
    const top = "use LANraragi::Utils::Logging qw(get_plugin_logger get_logger);";
    const body = `
      my $log = get_plugin_logger(); $log->info("いち"); $log->debug("two", "lines"); $log->fatal("end");
      get_logger("Other", "plugins")->warn("careful"); return (debug => $log->is_debug);`;
    await run(top, body, async (_, args) => void said.push(args));
    expect(said).toEqual([
      { level: "info", text: "[Probe] いち" },
      { level: "debug", text: "[Probe] two\nlines" },
      { level: "error", text: "[Probe] end" },
      { level: "warn", text: "[Other] careful" },
    ]);
  });

  test("the server's info has its version, name and description", async () => {
    const onHostRequest: HostRequestHandler = async (capability) =>
      capability === "lanraragi.setting"
        ? null
        : { name: capability, version: "9.9.9", version_name: "Nine", motd: "hello" };
    const top = "use LANraragi::Utils::Generic qw(get_version); use LANraragi::Model::Config;";
    const body = `return (version => join(" ", @{get_version()}{qw(version version_name)}), name => LANraragi::Model::Config->get_htmltitle,
      motd => LANraragi::Model::Config->get_motd);`;
    expect(await run(top, body, onHostRequest)).toEqual({
      version: "9.9.9 Nine",
      name: "server.info",
      motd: "hello",
    });
  });

  test.each([
    [
      "use LANraragi::Utils::Archive qw(extract_thumbnail);",
      "extract_thumbnail(1);",
      "LANraragi::Utils::Archive::extract_thumbnail",
    ],
    [
      "use LANraragi::Utils::TempFolder qw(get_temp);",
      "get_temp();",
      "LANraragi::Utils::TempFolder::get_temp",
    ],
    [
      "use LANraragi::Model::Category;",
      'LANraragi::Model::Category::export_categories("x");',
      "LANraragi::Model::Category::export_categories",
    ],
    [
      "use LANraragi::Model::Plugins;",
      "LANraragi::Model::Plugins::exec_enabled_plugins_on_file(1);",
      "LANraragi::Model::Plugins::exec_enabled_plugins_on_file",
    ],
    [
      "",
      "require LANraragi::Utils::Minion; LANraragi::Utils::Minion->add(1);",
      "LANraragi::Utils::Minion::add",
    ],
  ])(
    "a function that is not provided can be imported, and fails with its name when called: %s",
    async (top, body, name) => {
      expect(await run(top, "return (loads => 1);")).toEqual({ loads: 1 });
      await expect(run(top, body)).rejects.toThrow(new RegExp(`^${name} is not provided by Hitagi$`));
    },
  );

  test("settings without names are passed in order, true as 1 and false as an empty text", async () => {
    const info = `parameters => [{type => "string", desc => "a", default_value => "é"}, {type => "bool"}, {type => "int"},
      {type => "bool"}],`;
    const subs = "sub run_script { my ($class, $info, @settings) = @_; return (settings => \\@settings) }";
    const code = codeOf(perlText("", { info, subs }), "Probe.pm");
    const { parameters } = (await shared.vet(code, 20_000)) as { parameters: object };
    expect(Object.keys(parameters)).toEqual(["arg1", "arg2", "arg3", "arg4"]);
    expect(await shared.vet(code, 20_000)).toMatchObject({
      parameters: {
        arg1: { type: "string", desc: "a", default_value: "é" },
        arg2: { type: "bool" },
        arg3: { type: "int" },
        arg4: { type: "bool" },
      },
      to_named_params: ["arg1", "arg2", "arg3", "arg4"],
    });
    const context = { arg: "", settings: { arg1: "は", arg2: true, arg3: -5, arg4: false } };
    expect(await shared.call(code, request({ context }))).toEqual({ settings: ["は", 1, -5, ""] });
  });

  test("to_named_params gives names to settings without names", async () => {
    const info = `to_named_params => ["first", "second"], parameters => [{type => "string"}, {type => "int"}],`;
    const subs = "sub run_script { my ($class, $info, @settings) = @_; return (settings => \\@settings) }";
    const code = codeOf(perlText("", { info, subs }), "Probe.pm");
    expect(
      Object.keys(((await shared.vet(code, 20_000)) as { parameters: object }).parameters).sort(),
    ).toEqual(["first", "second"]);
    const context = { arg: "", settings: { second: 2, first: "one" } };
    expect(await shared.call(code, request({ context }))).toEqual({ settings: ["one", 2] });
  });

  test("to_named_params gives the order in which values without names were stored", async () => {
    const info = `to_named_params => ["z", "a", "gone"], parameters => {a => {type => "string"}, z => {type => "int"}},`;
    const code = codeOf(perlText("", { info, subs: "sub run_script { return (ok => 1) }" }), "Probe.pm");
    expect(await shared.vet(code, 20_000)).toMatchObject({ to_named_params: ["z", "a"] });
  });

  test("older manifests are accepted: versions as they are, capitals, patterns, a secret as a password", async () => {
    const info = `url_regex => "https?:\\\\/\\\\/e(-|x)ample\\\\.org\\\\/.*", cooldown => "4", login_from => "", icon => "data:x",
      parameters => { p => { type => "password", default_value => "x" }, n => { type => "int", default_value => "none" } },`;
    const text = perlText("", { type: "download", info, version: "2.5", subs: "sub provide_url {}" });
    const code = codeOf(text.replace('"probe"', '"Probe_1"'), "Probe.pm");
    expect(await shared.vet(code, 20_000)).toEqual({
      namespace: "probe_1",
      type: "download",
      name: "Probe",
      version: "2.5",
      author: "me",
      description: "Probes",
      icon: "data:x",
      cooldown: 4,
      url_regex: "https?:\\/\\/e(-|x)ample\\.org\\/.*",
      permissions: {},
      parameters: { p: { type: "secret", desc: "" }, n: { type: "int", desc: "" } },
    });
  });

  test("many settings by position keep their order, and a default keeps its decimals", async () => {
    const names = Array.from({ length: 12 }, (_, n) => `p${(n * 7) % 12}`);
    const list = names.map(() => '{type => "int", default_value => "0.25"}').join(", ");
    const info = `to_named_params => [qw(${names.join(" ")})], parameters => [${list}],`;
    const code = codeOf(perlText("return (ok => 1);", { info }), "Probe.pm");
    const { parameters } = (await shared.vet(code, 20_000)) as { parameters: Record<string, object> };
    expect(Object.keys(parameters)).toEqual(names);
    expect(parameters.p7).toEqual({ type: "int", desc: "", default_value: 0.25 });
  });

  test("__DATA__ and a byte-order mark are read as in a file; a file without `use utf8` gives its bytes as text", async () => {
    const subs = 'sub run_script { local $/; return (data => scalar(<DATA>), text => "はい") }';
    const text = `\uFEFF${perlText("", { subs }).replace("use utf8;", "")}__DATA__\n後ろ`;
    expect(await shared.call(codeOf(text, "Probe.pm"), request())).toEqual({ data: "後ろ", text: "はい" });
  });
});

describe.skipIf(noPerl)("LANraragi's functions in a whole server", () => {
  const tagger = (sub: string, top = ""): PerlPlugin => ({
    namespace: "tagger",
    type: "metadata",
    stem: "Tagger",
    top,
    sub: `sub get_tags { my ($class, $info, $params) = @_; ${sub} }`,
  });

  test("the info of an archive, its files, and its own file", async () => {
    const { install, addArchive, run } = await openApp();
    await install(
      tagger(
        `my ($names, $sizes) = get_filelist($info->{file_path});
         my $cover = extract_file_from_archive($info->{file_path}, $names->[0]);
         open my $in, '<:raw', $info->{file_path} or die "$!"; read $in, my $magic, 2;
         return (tags => join(",", map({"page:$_"} @$names), "sizes:@$sizes", "cover:" . -s $cover, "magic:$magic",
             "none:" . (defined is_file_in_archive($info->{file_path}, "none") ? 1 : 0)),
           title => "$info->{archive_id} $info->{archive_title}", summary => "$info->{existing_tags}|$info->{oneshot_param}");`,
        "use LANraragi::Utils::Archive qw(get_filelist extract_file_from_archive is_file_in_archive);",
      ),
    );
    const { id } = await addArchive(
      "せん",
      { "pages/10.jpg": strToU8("x") },
      { title: "題", tags: "甲:乙, b" },
    );
    expect(await run("tagger", { archive: id, arg: "ひと" })).toEqual({
      new_tags:
        " page:pages/01.jpg, page:pages/02.PNG, page:pages/10.jpg, sizes:20 21 1, cover:20, magic:PK, none:0",
      title: `${id} 題`,
      summary: "甲:乙,b|ひと",
    });
  });

  test("the files of a rar and of a PDF", async () => {
    const { install, library, run } = await openApp();
    await install(
      tagger(
        `my ($names) = get_filelist($info->{file_path});
         my $page = extract_file_from_archive($info->{file_path}, $names->[-1]);
         my $info_file = is_file_in_archive($info->{file_path}, "ComicInfo.xml") // "none";
         open my $in, '<:raw', $page or die "$!"; read $in, my $start, 4;
         return (tags => join(",", @$names, $info_file, unpack "H*", $start));`,
        "use LANraragi::Utils::Archive qw(get_filelist extract_file_from_archive is_file_in_archive);",
      ),
    );
    const files = {
      "a/10.jpg": Buffer.from("tenth"),
      "a/2.jpg": Buffer.from("2"),
      "a/ComicInfo.xml": Buffer.from("<x/>"),
    };
    const rar = await library.add(upload("comic.cbr", rar5(files)));
    const book = await library.add(upload("book.pdf", pdf("#ff0000")));
    expect(await run("tagger", { archive: rar.id })).toMatchObject({
      new_tags: " a/2.jpg, a/10.jpg, a/ComicInfo.xml, 74656e74",
    });
    expect(await run("tagger", { archive: book.id })).toMatchObject({ new_tags: " 1.jpg, none, ffd8ffe0" });
  });

  test("only the archive of the call can be read", async () => {
    const { install, addArchive, run } = await openApp();
    const top = "use LANraragi::Utils::Archive qw(get_filelist);";
    await install(tagger('get_filelist("/other.cbz"); return ();', top));
    const { id } = await addArchive("one");
    await expect(run("tagger", { archive: id })).rejects.toThrow(
      /^only the archive of the call can be read$/,
    );
  });

  test("a plugin that uses the module reads and writes tags of the library while its grant allows it", async () => {
    const { install, addArchive, run, plugins, library } = await openApp();
    await install({
      namespace: "writer",
      type: "script",
      stem: "Writer",
      top: "use LANraragi::Utils::Database qw(set_tags invalidate_cache);",
      sub: `sub run_script { my ($class, $info) = @_; my $id = $info->{oneshot_param};
        set_tags($id, "は:に, b", 1); LANraragi::Utils::Database::set_title($id, "題"); invalidate_cache();
        return (tags => LANraragi::Utils::Database::get_tags($id)) }`,
    });
    expect((await plugins.record("writer")).granted).toEqual({ library: "write" });
    const { id } = await addArchive("one", {}, { tags: "a" });
    expect(await run("writer", { arg: id })).toEqual({ tags: "a,は:に,b" });
    expect(await library.get(id)).toMatchObject({ title: "題", tags: "a, は:に, b" });
    await plugins.grant("writer", { library: "read" });
    await expect(run("writer", { arg: id })).rejects.toMatchObject({ code: "CAPABILITY_DENIED" });
  });

  test("a file that a download plugin creates is added to the library", async () => {
    const { install, plugins, library, enqueue } = await openApp();
    await install({
      namespace: "maker",
      type: "download",
      stem: "Maker",
      info: 'url_regex => "^https://maker[.]test/",',
      top: "use Mojo::Util qw(b64_decode);",
      sub: `sub provide_url { my ($class, $info) = @_; my $file = "$info->{tempdir}/made あ.cbz"; utf8::encode($file);
        open my $out, '>:raw', $file or die "$!";
        print {$out} b64_decode("UEsDBBQAAAAAAAAAIQCDFtyMAQAAAAEAAAAFAAAAYS5qcGd4UEsBAhQDFAAAAAAAAAAhAIMW3IwBAAAAAQAAAAUAAAAAAAAAAAAAAIABAAAAAGEuanBnUEsFBgAAAAABAAEAMwAAACQAAAAAAA==");
        close $out; return (file_path => $file) }`,
    });
    const { id, filename } = await plugins.download("https://maker.test/1?a=b");
    expect(filename).toBe("made あ.cbz");
    expect(await library.get(id)).toMatchObject({ tags: "source:maker.test/1?a=b", pages: 1 });
    await library.delete(id);
    const category = await library.categories.create({ name: "new", search: "", pinned: false });
    await enqueue.downloadUrl({ url: "https://maker.test/2", category });
    await vi.waitFor(async () => expect((await library.categories.get(category)).archives).toEqual([id]), {
      timeout: 20_000,
    });
  });
});
