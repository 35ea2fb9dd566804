import { expect } from "vitest";
import { done, type Exchange, epochText, failed, invalid, text, whole } from "./recording.ts";

/** A job in the format of `GET /minion/{job}/detail`. */
export const detail = (task: string, args: unknown[], result: unknown) => ({
  ...{ id: whole, args, attempts: 1, children: [], created: epochText, delayed: epochText, error: null },
  ...{ expires: null, finished: epochText, lax: 0, notes: expect.any(Object), parents: [], priority: whole },
  ...{ queue: text, result, retried: null, retries: 0, started: epochText, state: "finished", task },
  ...{ time: epochText, worker: 1 },
});

const ofJob = (
  what: string,
  task: string,
  args: unknown[],
  result: unknown,
  more: string[] = [],
): Exchange => ({
  ...{ call: "GET /minion/{job}/detail", what, path: "/minion/{job}/detail", status: 200, ended: true },
  body: detail(task, args, result),
  more,
});

const install = (what: string, json: object): Exchange => ({
  ...{ call: "POST /plugins/install", what, path: "/plugins/install", json, status: 200 },
  body: done("install_plugin", { job: whole, namespace: text }),
  keep: { job: "job" },
});

/** An install whose job fails with the words that clients look for. */
const refused = (
  what: string,
  json: { namespace: string; registry: string; version?: string },
  words: string,
) => [
  install(what, json),
  ofJob(
    `whose install found: ${what}`,
    "install_plugin",
    [json.namespace, json.registry, json.version ?? null, false, expect.anything()],
    { success: 0, error: expect.stringContaining(words), code: text, hint: text },
    ["result.code", "result.hint"],
  ),
];

const tagger = {
  ...{ author: "tests", description: "For the tests", icon: "", name: "tagger plugin", namespace: "tagger" },
  ...{ oneshot_arg: "", type: "metadata", version: "1.0.0", login_from: "", url_regex: "", cooldown: 0 },
  parameters: [
    { name: "word", desc: "What to add", type: "string", default_value: "yes" },
    { name: "key", desc: "", type: "string" },
  ],
  ...{ registry: "{registry}", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ...{ enabled: false, hidden: false, priority: 0 },
};

/** The list item to check. */
const TAGGER = ["namespace", "tagger"] as const;

const config = (what: string, namespace: string, json: object) => ({
  ...{ call: "PUT /plugins/installed/{namespace}/metadata-config", what, json },
  path: `/plugins/installed/${namespace}/metadata-config`,
});

const used = (rest: object) => ({ operation: "use_plugin", ...rest });

/** The calls about plugins and their jobs; they need an existing `{archive}`. */
export const pluginExchanges: Exchange[] = [
  {
    ...{ call: "POST /plugins/install", what: "nothing", path: "/plugins/install", json: {} },
    ...invalid(
      "install_plugin",
      ["/body/namespace", "Missing property."],
      ["/body/registry", "Missing property."],
    ),
  },
  {
    ...{ call: "POST /plugins/install", what: "an empty version", path: "/plugins/install" },
    json: { namespace: "tagger", registry: "{registry}", version: "" },
    ...invalid("install_plugin", ["/body/version", "String is too short: 0/1."]),
  },
  ...refused("an unknown registry", { namespace: "tagger", registry: "REG_0000000001" }, "doesn't exist"),
  ...refused(
    "a registry without an index",
    { namespace: "tagger", registry: "{passing}" },
    "No registry index cached",
  ),
  ...refused("an unknown plugin", { namespace: "nobody", registry: "{registry}" }, "not found in registry"),
  ...refused(
    "an unknown version",
    { namespace: "tagger", registry: "{registry}", version: "9.9.9" },
    "not found for plugin",
  ),
  ...refused(
    "a plugin that does not load",
    { namespace: "broken", registry: "{registry}" },
    "failed to load",
  ),
  install("a plugin", { namespace: "tagger", registry: "{registry}" }),
  ofJob(
    "whose install is done",
    "install_plugin",
    ["tagger", "{registry}", null, false, expect.anything()],
    {
      ...{ success: 1, error: null },
      data: {
        ...{
          name: "tagger plugin",
          namespace: "tagger",
          version: "1.0.0",
          registry: "{registry}",
          sha256: text,
        },
        ...{ granted: { net: ["api.example.org"], library: "read" }, withheld: [], from: null },
      },
    },
    ["result.data.granted", "result.data.withheld", "result.data.from"],
  ),
  {
    ...{
      call: "GET /minion/{job}",
      what: "one that has ended, without a key",
      path: "/minion/{job}",
      key: null,
    },
    status: 200,
    body: { task: "install_plugin", state: "finished", notes: expect.any(Object), error: null },
  },
  {
    ...{ call: "GET /minion/{job}", what: "an unknown one", path: "/minion/999999", key: null, status: 404 },
    ...failed("minion_job_status", "doesn't exist"),
  },
  {
    ...{
      call: "GET /minion/{job}/detail",
      what: "an unknown one",
      path: "/minion/999999/detail",
      status: 404,
    },
    ...failed("minion_job_detail", "doesn't exist"),
  },
  {
    ...{ call: "GET /minion/{job}/detail", what: "no number", path: "/minion/abc/detail" },
    ...invalid("minion_job_detail", ["/path/job", "Expected integer - got string."]),
  },
  {
    ...{ call: "GET /plugins/{type}", what: "an unknown type", path: "/plugins/theme" },
    ...invalid("list_plugins", ["/path/type", "Not in enum list: metadata, download, login, script, all."]),
  },
  {
    ...{ call: "GET /plugins/{type}", what: "those of a type", path: "/plugins/metadata", status: 200 },
    pick: TAGGER,
    body: tagger,
  },
  {
    ...config("flags", "TAGGER", { enabled: true, hidden: true, priority: 3 }),
    ...{ status: 200, body: done("update_plugin_metadata_config") },
  },
  {
    ...{ call: "GET /plugins/{type}", what: "their flags", path: "/plugins/all", status: 200 },
    pick: TAGGER,
    body: { ...tagger, enabled: true, hidden: true, priority: 3 },
  },
  {
    ...config("flags of another type", "source-finder", { enabled: true }),
    ...{ status: 400, ...failed("update_plugin_metadata_config", "not a metadata plugin") },
  },
  {
    ...config("flags of an unknown plugin", "nobody", { enabled: true }),
    ...{ status: 404, ...failed("update_plugin_metadata_config", "nobody") },
  },
  {
    ...config("a priority that is text", "tagger", { priority: "1" }),
    ...invalid("update_plugin_metadata_config", ["/body/priority", "Expected integer - got string."]),
  },
  {
    ...{
      call: "POST /config/plugins",
      what: "the settings page's form",
      path: "/config/plugins",
      status: 200,
    },
    form: { Tagger: "1", Tagger_CFG_word: "said", Tagger_CFG_key: "" },
    body: done("update_plugin_config", { message: "", plugins: ["tagger"] }),
    more: ["plugins"],
  },
  {
    ...{
      call: "GET /plugins/{type}",
      what: "their provenance after a save",
      path: "/plugins/metadata",
      status: 200,
    },
    pick: TAGGER,
    body: { ...tagger, enabled: true, hidden: true, priority: 3 },
  },
  {
    ...{ call: "POST /plugins/use", what: "a metadata plugin", status: 200 },
    path: "/plugins/use?plugin=tagger&id={archive}&arg=",
    body: used({ type: "metadata", success: 1, error: null, data: { new_tags: " tagged:said", title: "T" } }),
  },
  {
    ...{
      call: "POST /plugins/use",
      what: "a builtin script",
      path: "/plugins/use?plugin=source-finder&arg=https%3A%2F%2Fexample.org%2Fa",
      status: 200,
    },
    body: used({ type: "script", success: 1, error: null, data: expect.any(Object) }),
  },
  {
    ...{
      call: "POST /plugins/use",
      what: "an unknown plugin",
      path: "/plugins/use?plugin=nobody",
      status: 200,
    },
    body: used({
      type: null,
      success: 0,
      error: expect.stringContaining("nobody"),
      data: null,
      code: text,
      hint: text,
    }),
    more: ["code", "hint"],
  },
  {
    ...{ call: "POST /plugins/use", what: "no plugin", path: "/plugins/use" },
    ...invalid("use_plugin", ["/query/plugin", "Missing property."]),
  },
  {
    ...{ call: "POST /plugins/queue", what: "a plugin", status: 200 },
    path: "/plugins/queue?plugin=tagger&id={archive}&priority=2",
    body: done("queue_plugin_exec", { job: whole }),
    keep: { job: "job" },
  },
  ofJob("whose plugin ran", "run_plugin", ["tagger", "{archive}", null], {
    ...{ success: 1, error: null, type: "metadata" },
    data: { new_tags: " tagged:said", title: "T" },
    // Hitagi's own, for its history.
    change: {
      before: { title: "Other & more", tags: "a", summary: "" },
      after: { title: "T", tags: "a, tagged:said", summary: "" },
    },
  }),
  {
    ...{ call: "GET /archives/{id}/metadata", what: "what a queued plugin wrote", status: 200 },
    path: "/archives/{archive}/metadata",
    body: expect.objectContaining({ title: "T", tags: "a, tagged:said" }),
  },
  {
    ...{
      call: "DELETE /plugins/installed/{namespace}",
      what: "a builtin",
      path: "/plugins/installed/copytags",
    },
    status: 403,
    ...failed("uninstall_plugin", "builtin"),
  },
  {
    ...{ call: "DELETE /plugins/installed/{namespace}", what: "one", path: "/plugins/installed/Tagger" },
    ...{ status: 200, body: done("uninstall_plugin", { successMessage: text }) },
  },
  {
    ...{ call: "DELETE /plugins/installed/{namespace}", what: "one that is gone" },
    ...{ path: "/plugins/installed/tagger", status: 404 },
    ...failed("uninstall_plugin", "not installed"),
  },
  install("one again", { namespace: "tagger", registry: "{registry}", version: "1.0.0", force: false }),
  {
    ...{
      call: "GET /minion/{job}",
      what: "one until it ends",
      path: "/minion/{job}",
      status: 200,
      ended: true,
    },
    body: { task: "install_plugin", state: "finished", notes: expect.any(Object), error: null },
  },
  {
    ...{
      call: "GET /plugins/{type}",
      what: "one that kept its flags",
      path: "/plugins/metadata",
      status: 200,
    },
    pick: TAGGER,
    body: { ...tagger, enabled: true, hidden: true, priority: 3 },
  },
];
