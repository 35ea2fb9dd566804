import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Step } from "../../../src/cli/import-lanraragi/context.ts";
import { pluginSource } from "../../plugins/plugin-source.ts";
import { withoutRedis } from "../../support/redis.ts";
import { runRedis } from "../../support/redis-process.ts";
import { type FixturePlugin, fixtureIndex, writeRegistry } from "../../support/registry-fixture.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { openCliWorld, type World } from "../cli-world.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const tagger = (version: string) =>
  pluginSource(
    {
      ...{ namespace: "old-tagger", type: "metadata", version },
      parameters: {
        api_key: { type: "secret" },
        deep: { type: "bool", default_value: false },
        limit: { type: "int", default_value: 5 },
        language: { type: "string", default_value: "en" },
      },
      to_named_params: ["language", "deep", "limit", "api_key"],
    },
    "return { tags: [ctx.settings.language] };",
  );
const script = pluginSource({ namespace: "counter", type: "script" }, "return {};");

const offered: FixturePlugin[] = [
  {
    namespace: "old-tagger",
    type: "metadata",
    versions: [
      { version: "1.0.0", source: tagger("1.0.0") },
      { version: "1.1.0", source: tagger("1.1.0") },
    ],
  },
  { namespace: "counter", type: "script", versions: [{ version: "1.0.0", source: script }] },
];

const REGISTRY = "REG_1700000000";

/** A real Redis that ends with the test. Answers the path of its socket. */
const redisServer = async (...settings: string[]): Promise<string> => {
  const { socket, kill } = await runRedis(await tempFolder(), settings);
  onTestFinished(kill);
  return socket;
};

/** A connection to its database of the configuration, to fill it by hand. */
const redisClient = (socket: string, password?: string, db = 2): Redis => {
  const client = new Redis({ path: socket, db, ...(password && { password }) });
  onTestFinished(() => client.disconnect());
  return client;
};

/** What LANraragi keeps, laid out as it does. */
const fill = async (redis: Redis, registry: string): Promise<void> => {
  const installed = (stem: string, version: string, source: string, from = REGISTRY) => ({
    ...{ installed_path: `LANraragi/Plugin/Managed/Metadata/${stem}.pm`, installed_version: version },
    ...{ installed_registry: from, installed_sha256: sha256(source) },
  });
  await redis.hset(REGISTRY, { name: "題 Ours", provider: "local", path: registry, created: 1, updated: 2 });
  await redis.set("REG_INDEX_1700000000", JSON.stringify(fixtureIndex(offered)));
  await redis.hset("REG_1700000001", { name: "Away", provider: "gopher", url: "gopher://x" });
  await redis.hset("LRR_CONFIG", { apikey: "the owner's key", ougi: REGISTRY });
  await redis.hset("LRR_PLUGIN_OLD-TAGGER", {
    ...installed("OldTagger", "1.0.0", tagger("1.0.0")),
    ...{ type: "metadata", enabled: "1", hidden: "0", priority: "7" },
    customargs: JSON.stringify(["ja", "1", "12", "s3cret-old"]),
  });
  await redis.hset("LRR_PLUGIN_COUNTER", {
    ...installed("Counter", "1.0.0", "changed since"),
    type: "script",
  });
  await redis.hset("LRR_PLUGIN_ORPHAN", {
    ...installed("Orphan", "1.0.0", "x", "REG_1600000000"),
    type: "script",
  });
  await redis.hset("LRR_PLUGIN_HALF", { installed_version: "1.0.0", type: "script" });
  await redis.hset("LRR_PLUGIN_FILENAME-PARSE", { enabled: "1", keep_rest: "1", gone: "x", customargs: "{" });
  const builtin = (file: string) => ({
    installed_path: `LANraragi/Plugin/Metadata/${file}`,
    type: "metadata",
  });
  await redis.hset("LRR_PLUGIN_EHPLUGIN", { ...builtin("EHentai.pm"), enabled: "1", token: "s3cret-token" });
  // As LANraragi leaves its own plugins at its start, and after its form was saved.
  await redis.hset("LRR_PLUGIN_COMICINFO", { ...builtin("ComicInfo.pm") });
  await redis.hset("LRR_PLUGIN_REGEXPLUGIN", {
    ...builtin("RegexParse.pm"),
    ...{ enabled: "0", customargs: '["","",""]' },
  });
  await redis.hset("LRR_PLUGIN_DULL", { enabled: "0", customargs: '["", "0"]' });
  await redis.set("LRR_PLUGIN_WRONGTYPE", "no hash");
};

describe.skipIf(withoutRedis)("import from LANraragi's Redis", () => {
  let world: World;
  beforeAll(async () => {
    world = await openCliWorld();
    await writeRegistry(path.join(world.folder, "registry"), offered);
  });
  afterAll(() => world.close());

  const filled = async (): Promise<string> => {
    const socket = await redisServer();
    await fill(redisClient(socket), path.join(world.folder, "registry"));
    return `redis+unix://${socket}`;
  };
  const lines = (steps: Step[]) => steps.map(({ what, name, state }) => `${what} ${name}: ${state}`);
  const noteOf = (steps: Step[], what: string, name: string) =>
    steps.filter((step) => step.what === what && step.name === name).map(({ note }) => note);

  const failing = [
    "registry Away: not done",
    "plugin counter: not done",
    "plugin ehplugin: not done",
    "plugin half: not done",
    "plugin orphan: not done",
  ];

  it("shows the plan, imports it, and leaves existing items unchanged", async () => {
    const redis = await filled();
    const shown = await world.run("import", "lanraragi", "--redis", redis, "--json");
    expect(shown.code, shown.err).toBe(0);
    expect(shown.json.applied).toBe(false);
    expect(lines(shown.json.steps)).toEqual(
      expect.arrayContaining([
        "registry 題 Ours: planned",
        "default 題 Ours: planned",
        "plugin old-tagger: planned",
        "settings old-tagger: planned",
        "flags old-tagger: planned",
        "settings filename-parse: planned",
        "registry Away: not done",
      ]),
    );
    expect((await world.run("registry", "list", "--json")).json).toEqual([]);

    const text = await world.run("import", "lanraragi", "--redis", redis);
    expect(text.out).toMatch(/^WHAT +NAME +STATE +NOTE\n/);
    expect(text.out).toContain("Nothing was changed. Use --apply to import.");

    const done = await world.run("import", "lanraragi", "--redis", redis, "--apply", "--json");
    expect(done.code).toBe(1);
    const { steps } = done.json as { steps: Step[] };
    const notDone = lines(steps).filter((line) => line.endsWith("not done"));
    expect(notDone).toEqual(expect.arrayContaining(failing));
    expect(lines(steps)).toEqual(
      expect.arrayContaining([
        "registry 題 Ours: done",
        "index 題 Ours: done",
        "default 題 Ours: done",
        "plugin old-tagger: done",
        "settings old-tagger: done",
        "flags old-tagger: done",
        "settings filename-parse: done",
        "flags filename-parse: done",
      ]),
    );
    expect(noteOf(steps, "plugin", "counter")[0]).toMatch(/another SHA-256.*hitagi install counter/);
    expect(noteOf(steps, "plugin", "orphan")[0]).toContain("registry was removed");
    expect(noteOf(steps, "plugin", "half")[0]).toContain("incomplete");
    expect(noteOf(steps, "plugin", "ehplugin")[0]).toContain("hitagi sideload");
    for (const name of ["comicinfo", "regexplugin"]) expect(noteOf(steps, "plugin", name)).toEqual([]);
    expect(noteOf(steps, "settings", "filename-parse")).toEqual(
      expect.arrayContaining(["keep_rest", "it has no setting gone", expect.stringContaining("customargs")]),
    );
    expect(done.err).toContain("could not be imported");
    for (const said of [shown.out, text.out, done.out, done.err])
      expect(said).not.toMatch(/s3cret|owner's key/);

    const { services } = world.server;
    const [tags] = services.plugins.list("metadata").filter((p) => p.namespace === "old-tagger");
    expect(tags).toMatchObject({ version: "1.0.0", enabled: true, hidden: false, priority: 7 });
    const settings = await world.run("settings", "old-tagger", "--json");
    const value = (name: string) => settings.json.find((s: { name: string }) => s.name === name);
    expect([value("language").value, value("deep").value, value("limit").value]).toEqual(["ja", true, 12]);
    expect(value("api_key")).toMatchObject({ set: true });

    const again = await world.run("import", "lanraragi", "--redis", redis, "--apply", "--json");
    expect(lines(again.json.steps).filter((line) => line.endsWith(": done"))).toEqual([]);
    expect(lines(again.json.steps)).toEqual(
      expect.arrayContaining([
        "registry 題 Ours: there",
        "default 題 Ours: there",
        "plugin old-tagger: there",
      ]),
    );
  });

  it("installs a plugin with permissions only by a yes, and grants what it showed", async () => {
    const permissions = { net: ["api.example.org"] };
    const source = pluginSource({ namespace: "asker", type: "script", permissions }, "return {};");
    const folder = path.join(world.folder, "asking");
    const versions = [{ version: "1.0.0", source }];
    await mkdir(folder);
    await writeRegistry(folder, [{ namespace: "asker", type: "script", versions }]);
    const socket = await redisServer();
    const client = redisClient(socket);
    const from = "REG_1700000007";
    await client.hset(from, { name: "Asking", provider: "local", path: folder, created: 1, updated: 2 });
    await client.hset("LRR_PLUGIN_ASKER", {
      ...{ installed_path: "LANraragi/Plugin/Managed/Scripts/Asker.pm", installed_version: "1.0.0" },
      ...{ installed_registry: from, installed_sha256: sha256(source), type: "script" },
    });
    const run = (...more: string[]) =>
      world.run("import", "lanraragi", "--redis", `redis+unix://${socket}`, "--apply", "--json", ...more);
    const refused = await run();
    expect([refused.code, noteOf(refused.json.steps, "plugin", "asker")]).toEqual([
      1,
      ["asker 1.0.0 asks to reach api.example.org. Repeat the command with --yes to grant this."],
    ]);
    const done = await run("--yes");
    expect([done.code, lines(done.json.steps)]).toEqual([0, expect.arrayContaining(["plugin asker: done"])]);
    const { json } = await world.run("info", "asker", "--json");
    expect(json.installed.granted).toEqual({ net: ["api.example.org"] });
  });

  it("imports the settings of a LANraragi that had one database, and those that its move left behind", async () => {
    const socket = await redisServer();
    const [old, current] = [redisClient(socket, undefined, 0), redisClient(socket)];
    const redis = `redis+unix://${socket}`;
    // An archive, the tags' index and the jobs of that time are no settings.
    await old.hset("0".repeat(40), { title: "an archive", tags: "a" });
    await old.hset("LRR_CONFIG", { apikey: "the owner's key" });
    await old.hset("LRR_PLUGIN_COPYTAGS", { enabled: "1", customargs: JSON.stringify(["a, b"]) });
    await old.hset("LRR_PLUGIN_COMIC-INFO", { enabled: "1", priority: "4" });
    const before = await world.run("import", "lanraragi", "--redis", redis, "--json");
    expect(lines(before.json.steps)).toEqual([
      "flags comic-info: planned",
      "settings copytags: planned",
      "flags copytags: planned",
    ]);
    // LANraragi's own start moves key after key, and leaves those that are there already.
    await current.hset("LRR_PLUGIN_COPYTAGS", { enabled: "0", customargs: JSON.stringify(["c"]) });
    await old.move("LRR_CONFIG", 2);
    const done = await world.run("import", "lanraragi", "--redis", redis, "--apply", "--json");
    expect([done.code, lines(done.json.steps)]).toEqual([
      0,
      ["settings copytags: done", "flags comic-info: done"],
    ]);
    const settings = await world.run("settings", "copytags", "--json");
    expect(settings.json.map(({ value }: { value: unknown }) => value)).toContain("c");
    const named = await world.run("import", "lanraragi", "--redis", `${redis}?db=0`, "--json");
    expect(lines(named.json.steps)).toContain("settings copytags: planned");
  });

  it("imports the tag rules that LANraragi applies, if none are set here", async () => {
    const socket = await redisServer();
    const redis = `redis+unix://${socket}`;
    const client = redisClient(socket);
    const run = (...more: string[]) => world.run("import", "lanraragi", "--redis", redis, "--json", ...more);
    const stored = async () => (await world.run("policy", "tags", "show", "--json")).json;
    await client.hset("LRR_CONFIG", { tagrules: "-gone;old:* -> new:*;left ->", tagruleson: "0" });
    const ofText = await run("--apply");
    expect([ofText.code, lines(ofText.json.steps)]).toEqual([0, ["tag rules 3 rules: done"]]);
    expect(await stored()).toMatchObject({ enabled: false, text: "-gone\nold:* -> new:*\nleft ->" });
    expect((await stored()).rules[2]).toMatchObject({ kind: "remove", from: "left" });
    expect(lines((await run("--apply")).json.steps)).toEqual(["tag rules 3 rules: there"]);
    // The list that LANraragi makes of the text: kind, tag and replacement of each rule.
    const list = [
      "remove",
      "gone",
      "",
      "remove_ns",
      "misc",
      "",
      "strip_ns",
      "ns",
      "",
      "replace_ns",
      "a",
      "b",
    ];
    await client.rpush("LRR_TAGRULES", ...list, "replace", "x", "Y; z", "hash_replace", "k", "題");
    const other = (await run("--apply")).json.steps as Step[];
    expect(lines(other)).toEqual(["tag rules 6 rules: not done"]);
    expect(other[0]?.note).toContain("tag rules are set here and stay");
    await world.run("policy", "tags", "undo");
    await run("--apply");
    expect(await stored()).toMatchObject({
      text: "-gone\n-misc:*\n~ns\na:* -> b:*\nx -> Y; z\nk => 題",
      ignored: [],
    });
  });

  it("says in sentences why a registry could not be fetched", async () => {
    const socket = await redisServer();
    const nowhere = { name: "Gone", provider: "local", path: path.join(world.folder, "nowhere") };
    await redisClient(socket).hset("REG_1700000005", nowhere);
    const redis = `redis+unix://${socket}`;
    const { out } = await world.run("import", "lanraragi", "--redis", redis, "--apply");
    expect(out).toMatch(/^index Gone: [A-Z][^.]*\. [A-Z].*[^.]\.$/m);
  });

  it("changes nothing in that Redis", async () => {
    const redis = await filled();
    const client = redisClient(redis.replace("redis+unix://", ""));
    const whole = async () => {
      const keys = (await client.keys("*")).sort();
      return Promise.all(keys.map(async (key) => [key, (await client.dumpBuffer(key))?.toString("hex")]));
    };
    const before = await whole();
    await world.run("import", "lanraragi", "--redis", redis, "--apply");
    expect(await whole()).toEqual(before);
  });

  it("accepts the password on standard input only", async () => {
    const socket = await redisServer("--requirepass", "let me in");
    const redis = `redis+unix://${socket}`;
    const client = redisClient(socket, "let me in");
    await client.hset("REG_1700000009", {
      name: "Local",
      provider: "local",
      path: path.join(world.folder, "registry"),
    });
    const refused = await world.run("import", "lanraragi", "--redis", redis);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("--password-stdin")]);
    const given = await world.pipe(
      "let me in\n",
      "import",
      "lanraragi",
      "--redis",
      redis,
      "--password-stdin",
      "--json",
    );
    expect(given.code, given.err).toBe(0);
    expect(lines(given.json.steps)).toEqual([expect.stringMatching(/^registry Local: /)]);
    const shown = await world.run("import", "lanraragi", "--redis", "redis://u:let-me-in@127.0.0.1");
    expect([shown.code, shown.err]).toEqual([2, expect.not.stringContaining("let-me-in")]);
  });

  it("reports an empty Redis and an unreachable one", async () => {
    const empty = await world.run("import", "lanraragi", "--redis", `redis+unix://${await redisServer()}`);
    expect([empty.code, empty.out]).toEqual([0, expect.stringMatching(/^There is nothing to import/)]);
    const away = await world.run("import", "lanraragi", "--redis", "redis://127.0.0.1:9");
    expect([away.code, away.err]).toEqual([1, expect.stringContaining("ECONNREFUSED")]);
    for (const address of ["127.0.0.1:6379", "http://127.0.0.1", "redis://127.0.0.1/x"]) {
      expect((await world.run("import", "lanraragi", "--redis", address)).code, address).toBe(2);
    }
  });
});
