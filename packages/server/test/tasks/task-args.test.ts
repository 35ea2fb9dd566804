import { expect, test } from "vitest";
import { newArchivesBy } from "../../src/config/new-archives.ts";
import { createEnqueue } from "../../src/tasks/enqueue.ts";
import { subjectOfJob } from "../../src/tasks/subjects.ts";
import { taskCodecs } from "../../src/tasks/task-args.ts";

const permissions = { net: ["example.org"] };

/** Enqueues into a list. */
const recordingEnqueue = (anyEnabled = true, runsNewArchives = true) => {
  const queued: unknown[] = [];
  const jobs = {
    enqueue: async (task: string, args: unknown[], options?: object) =>
      queued.push(options ? [task, args, options] : [task, args]),
  };
  return {
    queued,
    enqueue: createEnqueue({ jobs, plugins: { anyEnabled: () => anyEnabled }, runsNewArchives }),
  };
};

test("enabled plugins are not queued for new archives where another program runs them", async () => {
  const { queued, enqueue } = recordingEnqueue(true, false);
  expect(await enqueue.forNewArchive("a")).toBeNull();
  await enqueue.forNewArchives(["a"]);
  await enqueue.forNewArchives(["a", "b"]);
  expect(queued).toEqual([]);
});

test.each([
  ["auto", "/library", "sqlite:/hitagi.db", "here"],
  ["auto", "/library", "redis://127.0.0.1:6379/2", "here"],
  ["auto", "lanraragi+http://127.0.0.1:3000", "sqlite:/hitagi.db", "here"],
  ["auto", "lanraragi+http://127.0.0.1:3000", "redis://127.0.0.1:6379/2", "lanraragi"],
  ["auto", "lanraragi+https://lib.example", "rediss://redis.example/2", "lanraragi"],
  ["here", "lanraragi+http://127.0.0.1:3000", "redis://127.0.0.1:6379/2", "here"],
  ["lanraragi", "/library", "redis://127.0.0.1:6379/2", "lanraragi"],
] as const)(
  "with %s, a library at %s and the store %s, the plugins for new archives run: %s",
  (newArchives, library, store, by) => {
    expect(newArchivesBy({ newArchives, library, store })).toBe(by);
  },
);

test("each task's arguments are stored as a list, with null or false for what is not given", async () => {
  const { queued, enqueue } = recordingEnqueue();
  const unset = undefined;
  await enqueue.installPlugin({
    namespace: "a",
    registry: "R",
    version: unset,
    force: unset,
    grant: unset,
    acceptChanged: unset,
    move: unset,
    acceptUnsigned: unset,
    ignoreRequirements: unset,
    otherRegistries: unset,
    shown: unset,
  });
  await enqueue.installPlugin({
    namespace: "a",
    registry: "R",
    version: "1",
    force: true,
    grant: permissions,
    acceptChanged: true,
    move: unset,
    acceptUnsigned: unset,
    ignoreRequirements: unset,
    otherRegistries: unset,
    shown: unset,
  });
  await enqueue.runPlugin({ namespace: "a", archive: unset, arg: "x" }, { priority: 3 });
  await enqueue.downloadUrl({ url: "https://example.org", category: unset });
  await enqueue.downloadUrl({ url: "https://example.org", category: "SET_1700000000" });
  await enqueue.upgradePlugins({ namespaces: unset, grant: unset, automatic: unset, shown: unset });
  await enqueue.upgradePlugins({ namespaces: ["a"], grant: true, automatic: unset, shown: unset });
  await enqueue.runEnabledPlugins({ archive: "id" });
  await enqueue.runBatch({ plugin: unset, archives: ["id"], arg: unset, bySource: unset, tagRules: unset });
  await enqueue.runBatch({ plugin: unset, archives: ["id"], arg: unset, bySource: true, tagRules: unset });
  await enqueue.undoBatch({ batch: 7 });
  expect(queued).toEqual([
    ["install_plugin", ["a", "R", null, false, false]],
    ["install_plugin", ["a", "R", "1", true, permissions, true]],
    ["run_plugin", ["a", null, "x"], { priority: 3 }],
    ["download_url", ["https://example.org"]],
    ["download_url", ["https://example.org", "SET_1700000000"]],
    ["upgrade_plugins", [null, false]],
    ["upgrade_plugins", [["a"], true]],
    ["run_enabled_plugins", ["id"]],
    ["run_batch", [null, ["id"], null]],
    ["run_batch", [null, ["id"], null, true]],
    ["undo_batch", [7]],
  ]);
});

test("one new archive is a job, several are a batch, and none are queued while no plugin is enabled", async () => {
  const { queued, enqueue } = recordingEnqueue();
  await enqueue.forNewArchives([]);
  await enqueue.forNewArchives(["a"]);
  await enqueue.forNewArchives(["a", "b"]);
  expect(queued).toEqual([
    ["run_enabled_plugins", ["a"], { actor: undefined }],
    ["run_batch", [null, ["a", "b"], null]],
  ]);
  const disabled = recordingEnqueue(false);
  expect(await disabled.enqueue.forNewArchive("a")).toBeNull();
  expect(disabled.queued).toEqual([]);
});

test.each(Object.values(taskCodecs))(
  "$name decodes what it encoded, and missing optional arguments",
  (codec) => {
    const samples: Record<string, unknown[][]> = {
      install_plugin: [
        ["a", "R", "1", true, permissions, true, true, true, true, true],
        ["a", "R"],
      ],
      run_plugin: [["a", "id", "x"], ["a"]],
      download_url: [["https://example.org"]],
      upgrade_plugins: [[["a"], true], []],
      refresh_registries: [[]],
      send_notification: [["phone", { id: "1", cause: "jobs", time: 1, title: "t", items: ["i"], more: 0 }]],
      run_enabled_plugins: [["id"]],
      run_batch: [["a", ["id"], "x"], []],
      undo_batch: [[7]],
      sync_set: [["{}"]],
    };
    const [whole = [], short = whole] = samples[codec.name] ?? [];
    const { encode, decode } = codec as {
      encode(args: unknown): unknown[];
      decode(stored: unknown[]): unknown;
    };
    expect(encode(decode(whole))).toEqual(whole);
    const given = encode(decode(short));
    expect(given.slice(0, short.length)).toEqual(short);
    for (const missing of given.slice(short.length)) expect([null, false]).toContain(missing);
  },
);

test("arguments of another form are not decoded, and have no subject", () => {
  expect(taskCodecs.installPlugin.decode(["a"])).toBeUndefined();
  expect(taskCodecs.installPlugin.decode(["a", "R", null, { net: [] }, false])).toBeUndefined();
  expect(taskCodecs.undoBatch.decode(["7"])).toBeUndefined();
  const job = { task: "undo_batch", args: ["7"], result: null };
  expect(subjectOfJob(job)).toBeNull();
});

test("a job's subject comes from its arguments, or from its result", () => {
  const subject = (task: string, args: unknown[], result: unknown = null) =>
    subjectOfJob({ task, args, result })?.id;
  expect([
    subject("install_plugin", ["Tag", "R"]),
    subject("upgrade_plugins", [["A", "b"]]),
    subject("upgrade_plugins", [null], { data: { plugins: [{ namespace: "c" }, { namespace: "d" }] } }),
    subject("run_plugin", ["Tag"]),
    subject("run_enabled_plugins", ["id"]),
    subject("run_batch", [null, null, null]),
    subject("undo_batch", [7]),
    subject("download_url", ["https://example.org"], { id: "id" }),
    subject("unknown", ["x"]),
  ]).toEqual(["tag", "a,b", "c,d", "tag", "id", undefined, "7", "id", undefined]);
});

test("swapped arguments do not compile", () => {
  const { enqueue } = recordingEnqueue();
  const args = {
    namespace: "a",
    registry: "R",
    version: undefined,
    force: true,
    grant: permissions,
    acceptChanged: false,
    move: undefined,
    acceptUnsigned: undefined,
    ignoreRequirements: undefined,
    otherRegistries: undefined,
    shown: undefined,
  };
  // @ts-expect-error permissions are no answer to whether an install is forced
  void enqueue.installPlugin({ ...args, force: permissions, grant: true });
  // @ts-expect-error every argument is named
  void enqueue.installPlugin({ namespace: "a", registry: "R" });
  void enqueue.installPlugin(args);
});
