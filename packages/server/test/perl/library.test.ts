import { createHash } from "node:crypto";
import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { noPerl, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { openApp, type PerlPlugin } from "./world.ts";

/** A script with this body, in which `$info` and `$params` are there. */
const script = (top: string, body: string, more: Partial<PerlPlugin> = {}): PerlPlugin => ({
  namespace: "probe",
  type: "script",
  stem: "Probe",
  top,
  sub: `sub run_script { my ($class, $info, $params) = @_; ${body} }`,
  ...more,
});

/** Installs a script in a server with two archives, and runs it. */
const inLibrary = async (top: string, body: string) => {
  const app = await openApp();
  const one = await app.addArchive(
    "one",
    {},
    { title: "題 One", tags: "artist:あ, source:https://www.a.test/g/1/" },
  );
  const two = await app.addArchive("two", {}, { tags: "language:english" });
  await app.install(script(top, body));
  return { ...app, one, two, data: await app.run("probe", { arg: one.id }) };
};

describe.skipIf(noPerl)(`the library of Perl plugins${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  test("a script lists all archives with LANraragi's fields", async () => {
    const { one, data } = await inLibrary(
      "use LANraragi::Model::Archive;",
      `my %found = map { ($_->{arcid} => $_) } LANraragi::Model::Archive->generate_archive_list;
       return (archives => \\%found, title => LANraragi::Model::Archive::get_title($info->{oneshot_param}),
         none => LANraragi::Model::Archive::get_title("0" x 40));`,
    );
    const { archives, title, none } = data as {
      archives: Record<string, unknown>;
      title: string;
      none: null;
    };
    expect([Object.keys(archives).length, title, none]).toEqual([2, "題 One", null]);
    expect(archives[one.id]).toEqual({
      ...{ arcid: one.id, title: "題 One", filename: "one", extension: "cbz", summary: "", isnew: "false" },
      ...{ tags: "artist:あ,source:https://www.a.test/g/1/", pagecount: 2, size: one.size },
      ...{ progress: 0, lastreadtime: 0, toc: [] },
    });
  });

  test("get_redis reads archives, categories and the search index by LANraragi's keys", async () => {
    const { one, two, folder, data } = await inLibrary(
      "use LANraragi::Model::Config; use LANraragi::Utils::Database qw(redis_decode);",
      `my $redis = LANraragi::Model::Config->get_redis; my $id = $info->{oneshot_param};
       my %hash = $redis->hgetall($id);
       $redis->multi; $redis->hget($id, "arcsize"); $redis->exists("0" x 40); my @both = $redis->exec;
       my $search = LANraragi::Model::Config->get_redis_search;
       return (ids => [sort $redis->keys("?" x 40)], title => redis_decode($redis->hget($id, "title")), fields => [sort keys %hash],
         tags => redis_decode($hash{tags}), file => $redis->hget($id, "file"), exists => $redis->exists($id), both => \\@both,
         none => $redis->hget("0" x 40, "title"), has => $redis->hexists($id, "nothing"), type => $redis->type($id),
         userdir => LANraragi::Model::Config->get_userdir, url => $search->hget("LRR_URLMAP", "a.test/g/1"),
         artist => [$search->smembers(LANraragi::Utils::Database::redis_encode("INDEX_artist:あ"))], quit => $redis->quit);`,
    );
    expect(data).toMatchObject({
      ...{ ids: [one.id, two.id].sort(), title: "題 One", tags: "artist:あ,source:https://www.a.test/g/1/" },
      ...{ file: `${folder}/library/one.cbz`, userdir: `${folder}/library`, url: one.id, artist: [one.id] },
      ...{ fields: ["arcsize", "file", "isnew", "name", "pagecount", "summary", "tags", "title"] },
      ...{ exists: 1, has: 0, type: "hash", none: null, both: [one.size, 0] },
    });
  });

  test("get_redis writes within the grant, and names a command that it lacks", async () => {
    const { one, library, plugins, run } = await inLibrary(
      "use LANraragi::Model::Config; use LANraragi::Utils::Redis qw(redis_encode);",
      `my $redis = LANraragi::Model::Config->get_redis; my $id = $info->{oneshot_param};
       $redis->hset($id, "tags", redis_encode("x:い,y"), "title", "New"); return (ok => 1);`,
    );
    expect((await plugins.record("probe")).granted).toEqual({ library: "write" });
    expect(await library.get(one.id)).toMatchObject({ title: "New", tags: "x:い, y" });
    await plugins.grant("probe", { library: "read" });
    await expect(run("probe", { arg: one.id })).rejects.toMatchObject({ code: "CAPABILITY_DENIED" });
    const perl = openPerl();
    const call = (command: string) =>
      perl.call(
        perlScript(`LANraragi::Model::Config->get_redis->${command};`, {
          top: "use LANraragi::Model::Config;",
        }),
        {
          ...{ entry: "run", context: { settings: {} }, onHostRequest: async () => null, timeoutMs: 150_000 },
        },
      );
    await expect(call('zadd("a", 1, "b")')).rejects.toThrow(
      /^Hitagi does not provide the command zadd of Redis$/,
    );
    await expect(call(`hset("${one.id}", "progress", 3)`)).rejects.toThrow(
      /^Hitagi does not provide the command hset of Redis on the progress of an archive$/,
    );
  });

  test("other keys of Redis are the plugin's own", async () => {
    const { data } = await inLibrary(
      "use LANraragi::Model::Config;",
      `my $redis = LANraragi::Model::Config->get_redis_config;
       my @before = ($redis->exists("mine"), $redis->set("mine", "\\x{e3}\\x{81}\\x{af}", "EX", 60), $redis->set("mine", "x", "NX"));
       return (before => \\@before, value => $redis->get("mine"), deleted => $redis->del("mine"), after => $redis->get("mine"),
         modified => LANraragi::Model::Config->use_lastmodified, replace => LANraragi::Model::Config->can_replacetitles,
         config => $redis->hget("LRR_CONFIG", "replacetitles"), apikey => $redis->hget("LRR_CONFIG", "apikey"));`,
    );
    expect(data).toEqual({
      ...{ before: [0, "OK", null], value: "は", deleted: 1, after: null },
      ...{ modified: "0", replace: "1", config: "1", apikey: null },
    });
  });

  test("settings that a form of LANraragi sent are those that plugins read, but for what the server knows itself", async () => {
    const app = await openApp();
    const sent = {
      replacetitles: "0",
      enableresize: "on",
      tagrules: "-地雷",
      motd: "Hällo",
      dirname: "/elsewhere",
    };
    await app.lanraragiSettings.keep(new Map(Object.entries(sent)));
    await app.install(
      script(
        "use LANraragi::Model::Config;",
        `my %config = LANraragi::Model::Config->get_redis_config->hgetall("LRR_CONFIG");
         return (replace => LANraragi::Model::Config->can_replacetitles, resize => LANraragi::Model::Config->enable_resize,
           rules => LANraragi::Model::Config->get_tagrules, motd => LANraragi::Model::Config->get_motd,
           userdir => LANraragi::Model::Config->get_userdir, size => LANraragi::Model::Config->get_pagesize,
           same => $config{replacetitles}, rest => exists $config{apikey} ? 1 : 0);`,
      ),
    );
    expect(await app.run("probe")).toEqual({
      ...{ replace: "0", resize: "1", rules: "-地雷", motd: "Hällo", size: "100", same: "0", rest: 0 },
      userdir: path.join(app.folder, "library"),
    });
  });

  test("get_redis has the sorted sets of tags and titles", async () => {
    const { one, two, data } = await inLibrary(
      "use LANraragi::Model::Config; use LANraragi::Utils::Redis qw(redis_decode);",
      `my $search = LANraragi::Model::Config->get_redis_search;
       return (tags => [map { redis_decode($_) } $search->zrange("LRR_STATS", 0, -1)], count => $search->zcard("LRR_STATS"),
         last => [$search->zrevrange("LRR_STATS", 0, 0, "WITHSCORES")], score => $search->zscore("LRR_STATS", "language:english"),
         titles => [map { redis_decode($_) =~ tr/\\0/|/r } $search->zrange("LRR_TITLES", 0, -1)], none => [$search->zrange("nothing", 0, -1)]);`,
    );
    expect(data).toEqual({
      ...{ tags: ["artist:あ", "language:english", "source:https://www.a.test/g/1/"], count: 3 },
      ...{ last: ["source:https://www.a.test/g/1/", 1], score: 1, none: [] },
      titles: [`two|${two.id}`, `題 one|${one.id}`],
    });
  });

  test("thumbnail_hash is the SHA-1 of the first page, and empty for an archive without pages", async () => {
    const app = await openApp();
    const text = Buffer.from("first page of one");
    const { id } = await app.addArchive("one");
    const without = await app.library.add({
      filename: "none.cbz",
      stream: Readable.from([Buffer.from(zipSync({ "a.txt": Buffer.from("a") }))]),
    });
    await app.install({
      ...{ namespace: "thumb", type: "metadata", stem: "Thumb" },
      sub: 'sub get_tags { my ($class, $info) = @_; my $hash = $info->{thumbnail_hash}; return (title => "<$hash$info->{thumbnail_hash}>") }',
    });
    const hash = createHash("sha1").update(text).digest("hex");
    expect(await app.run("thumb", { archive: id })).toMatchObject({ title: `<${hash}${hash}>` });
    expect(await app.run("thumb", { archive: without.id })).toMatchObject({ title: "<>" });
  });

  test("a script makes categories of all archives, and reads and removes them", async () => {
    const { one, two, library, plugins, data } = await inLibrary(
      "use LANraragi::Model::Category; use LANraragi::Model::Archive;",
      `my $id = LANraragi::Model::Category::create_category("棚", "", 0, "");
       my @added = map { [LANraragi::Model::Category::add_to_category($id, $_)] } $info->{oneshot_param}, $info->{oneshot_param}, "0" x 40;
       my $old = LANraragi::Model::Category::create_category("old", "", 0, "");
       LANraragi::Model::Category::create_category("renamed", "", 1, $old);
       my @static = map { $_->{name} } LANraragi::Model::Category->get_static_category_list;
       my $gone = LANraragi::Model::Category::delete_category($old);
       my %one = LANraragi::Model::Category::get_category($id);
       my @of = LANraragi::Model::Category::get_categories_containing_archive($info->{oneshot_param});
       return (id => $id, added => \\@added, static => \\@static, gone => $gone, one => \\%one, of => scalar @of);`,
    );
    expect((await plugins.record("probe")).granted).toEqual({ library: "write" });
    const { id, added } = data as { id: string; added: unknown[] };
    const category = { id, name: "棚", search: "", archives: [one.id] };
    expect(added).toEqual([
      [1, ""],
      [1, `${one.id} already present in category ${id}, doing nothing.`],
      [0, `${"0".repeat(40)} does not exist in the database.`],
    ]);
    expect(data).toMatchObject({
      static: ["棚", "renamed"],
      gone: 1,
      of: 1,
      one: { ...category, pinned: 0 },
    });
    expect(await library.categories.list()).toEqual([{ ...category, pinned: false }]);
    await library.delete(two.id);
  });

  test("a script makes categories of the library's folders once its owner grants them", async () => {
    const app = await openApp();
    const { id, file } = await app.addArchive("one");
    const library = path.join(app.folder, "library");
    await mkdir(path.join(library, "Shelf"));
    await copyFile(path.join(library, file), path.join(library, "Shelf", "copy.cbz"));
    await app.install(
      script(
        "use File::Find; use LANraragi::Model::Config; use LANraragi::Model::Category; use LANraragi::Utils::Database qw(compute_id); use LANraragi::Utils::Generic qw(is_archive);",
        `my %found; my $root = LANraragi::Model::Config->get_userdir;
         find({no_chdir => 1, wanted => sub { push @{$found{$1}}, compute_id($_) if is_archive($_) && m{\\A\\Q$root\\E/([^/]+)/} }}, $root) if -d $root;
         for my $name (keys %found) {
           my $id = LANraragi::Model::Category::create_category($name, "", 0, "");
           LANraragi::Model::Category::add_to_category($id, $_) for @{$found{$name}};
         }
         return (found => scalar keys %found);`,
      ),
    );
    expect(await app.run("probe")).toEqual({ found: 0 });
    await app.plugins.grant("probe", { library: "write", files: [library] });
    expect(await app.run("probe")).toEqual({ found: 1 });
    expect(await app.library.categories.list()).toMatchObject([{ name: "Shelf", archives: [id] }]);
  });

  test("a script hands what it finds to downloads, and dies for other hosts", async () => {
    const app = await openApp();
    await app.install({
      ...script(
        "use Hitagi::Library;",
        `my $job = Hitagi::Library::add("https://works.example/one.cbz");
         my $refused = eval { Hitagi::Library::add("https://other.example/two.cbz") } // "$@";
         return (job => $job, refused => $refused);`,
      ),
      info: 'permissions => {library => "add", net => ["works.example"]},',
    });
    const { job, refused } = (await app.run("probe")) as { job: number; refused: string };
    expect(refused).toContain("is granted neither to it nor to direct-download");
    expect(await app.jobs.get(Number(job))).toMatchObject({
      task: "download_url",
      args: ["https://works.example/one.cbz"],
      notes: { plugin: "probe" },
    });
    await app.jobs.cancel(Number(job));
  });

  test("a plugin runs another one on an archive, and nothing is written", async () => {
    const app = await openApp();
    const { id } = await app.addArchive("one", {}, { tags: "a" });
    await app.install({
      ...{
        namespace: "other",
        type: "metadata",
        stem: "Other",
        info: 'parameters => { p => {type => "string", default_value => "d"} },',
      },
      sub: 'sub get_tags { my ($class, $info, $params) = @_; return (tags => "a, p:$params->{p}, arg:$params->{oneshot}", title => " T ") }',
    });
    await app.plugins.putSettings("other", { p: "own" });
    await app.install(
      script(
        "use LANraragi::Utils::Plugins qw(use_plugin get_plugin get_plugin_parameters); use LANraragi::Model::Plugins;",
        `my ($plugin, $result) = use_plugin("other", $info->{oneshot_param}, "x");
         my %again = LANraragi::Model::Plugins::exec_metadata_plugin(get_plugin("OTHER"), $info->{oneshot_param}, get_plugin_parameters("other"), oneshot => "y");
         my (undef, $none) = use_plugin("nothing", $info->{oneshot_param});
         return (name => $plugin->{name}, result => $result, again => \\%again, none => $none, zero => get_plugin("nothing"),
           defaults => {get_plugin_parameters("other")});`,
      ),
    );
    expect((await app.plugins.record("probe")).granted).toEqual({ library: "read" });
    expect(await app.run("probe", { arg: id })).toEqual({
      name: "Other",
      result: { new_tags: " p:own, arg:x", title: "T" },
      again: { new_tags: " p:own, arg:y", title: "T" },
      none: { error: "Plugin not found on system." },
      zero: 0,
      defaults: { p: "d" },
    });
    expect(await app.library.get(id)).toMatchObject({ tags: "a", title: "one" });
  });

  test("the defaults of a plugin that takes settings by position are its customargs, and it runs with its own settings", async () => {
    const app = await openApp();
    const { id } = await app.addArchive("one");
    await app.install({
      ...{ namespace: "older", type: "metadata", stem: "Older" },
      info: 'parameters => [{type => "string", default_value => "d"}, {type => "bool"}, {type => "int", default_value => "0.5"}],',
      sub: 'sub get_tags { my ($class, $info, @settings) = @_; return (tags => join ",", map { "s:" . ($_ // "none") } @settings) }',
    });
    await app.plugins.putSettings("older", { arg1: "own" });
    await app.install(
      script(
        "use LANraragi::Utils::Plugins qw(get_plugin get_plugin_parameters); use LANraragi::Model::Plugins;",
        `my %parameters = get_plugin_parameters("older");
         my %found = LANraragi::Model::Plugins::exec_metadata_plugin(get_plugin("older"), $info->{oneshot_param}, %parameters);
         return (parameters => \\%parameters, found => $found{new_tags});`,
      ),
    );
    expect(await app.run("probe", { arg: id })).toEqual({
      parameters: { customargs: ["d", null, 0.5] },
      found: " s:own, s:none, s:0.5",
    });
  });

  test("exec_metadata_plugin answers a title only where titles may be replaced", async () => {
    const app = await openApp();
    const { id } = await app.addArchive("one");
    await app.install(
      script(
        "use LANraragi::Model::Plugins; sub get_tags { return (tags => 'a', title => ' T ') }",
        `return LANraragi::Model::Plugins::exec_metadata_plugin(__PACKAGE__, $info->{oneshot_param});`,
      ),
    );
    expect(await app.run("probe", { arg: id })).toEqual({ new_tags: " a", title: "T" });
    await app.lanraragiSettings.keep(new Map([["replacetitles", "0"]]));
    expect(await app.run("probe", { arg: id })).toEqual({ new_tags: " a" });
  });

  test("a tag that the archive has in another composition or case is not new for exec_metadata_plugin", async () => {
    const app = await openApp();
    const { id } = await app.addArchive("one", {}, { tags: "artist:caf\u00e9" });
    await app.install(
      script(
        "use LANraragi::Model::Plugins; sub get_tags { return (tags => qq{artist:Cafe\\x{301}, artist:the\\x{301}}) }",
        `return (found => {LANraragi::Model::Plugins::exec_metadata_plugin(__PACKAGE__, $info->{oneshot_param})});`,
      ),
    );
    expect(await app.run("probe", { arg: id })).toEqual({ found: { new_tags: " artist:the\u0301" } });
  });

  test("plugins that call each other end, and a script runs only with the permission to write", async () => {
    const app = await openApp();
    const top = "use LANraragi::Utils::Plugins qw(use_plugin);";
    await app.install(
      script(top, 'my (undef, $r) = use_plugin("probe"); return %$r;', {
        info: 'permissions => {library => "write"},',
      }),
    );
    await expect(app.run("probe")).rejects.toThrow(/at most 3 times/);
    await app.plugins.grant("probe", { library: "read" });
    await expect(app.run("probe")).rejects.toThrow(/it is a script, and library write is not granted/);
  });

  test.each([
    ["use LANraragi::Utils::Database qw(compute_id redis_decode invalidate_cache);", "", {}],
    [
      "use LANraragi::Utils::Database;",
      'LANraragi::Utils::Database::set_tags(1, "a");',
      { library: "write" },
    ],
    ["use LANraragi::Utils::Database;", "LANraragi::Utils::Database::get_tags(1);", { library: "read" }],
    ["use LANraragi::Model::Stats;", "", { library: "read" }],
    ["use LANraragi::Model::Archive;", "", { library: "read" }],
    ["use LANraragi::Model::Config;", "LANraragi::Model::Config->get_redis->keys('*');", { library: "read" }],
    ["use LANraragi::Model::Config;", "LANraragi::Model::Config->use_lastmodified;", {}],
    ["# use LANraragi::Model::Category;", "", {}],
    ["=pod\n\nuse LANraragi::Model::Category;\n\n=cut\n", "", {}],
  ])("the permission follows from imports and calls: %s %s", async (top, body, permissions) => {
    const code = perlScript(`if (0) { ${body} } return (ok => 1);`, { top: `\n${top}` });
    expect(await openPerl().vet(code, 20_000)).toMatchObject({ permissions });
  });
});
