import { expect, onTestFinished, test } from "vitest";
import { cbz } from "../../library/cbz.ts";
import { pluginSource } from "../../plugins/plugin-source.ts";
import { clientOf } from "../../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { archiveForm } from "../calls/archives.ts";
import { bearer, KEY, openTestServer, type TestServer } from "../test-server.ts";

const redis = sharedRedis();
const stores: [string, () => string | undefined][] = [
  ["SQLite", () => undefined],
  ["Redis", () => redis().address(2)],
];

const open = async (store: string | undefined): Promise<TestServer> => {
  const server = await openTestServer(store === undefined ? {} : { store });
  onTestFinished(() => server.close());
  return server;
};

const save = ({ http }: TestServer, url: string, fields: Record<string, string>) =>
  http.inject({
    method: "POST",
    url,
    headers: { ...bearer(KEY), "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams(fields).toString(),
  });

test.each(["/config/plugins", "/api/config/plugins"])(
  "the form of the settings is saved at %s",
  async (url) => {
    const server = await open(undefined);
    const answer = await save(server, url, { "filename-parse": "1", replacetitles: "1", enablepass: "1" });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        operation: "update_plugin_config",
        success: 1,
        error: null,
        message: "",
        plugins: ["filename-parse"],
      },
    ]);
    const { http } = server;
    expect((await http.inject({ method: "POST", url, payload: "a=1" })).statusCode).toBe(401);
    const unknown = await save(server, url, { replacetitles: "0", nothing: "1" });
    expect([unknown.statusCode, unknown.json().errors]).toEqual([
      400,
      [{ path: "/body/nothing", message: "Property not allowed." }],
    ]);
  },
);

test.each(stores)("settings of LANraragi are kept on %s, and no secrets", async (name, store) => {
  if (name === "Redis" && withoutRedis) return;
  const server = await open(store());
  const { get } = server.services.lanraragiSettings;
  await save(server, "/config/plugins", {
    replacetitles: "0",
    enablepass: "1",
    motd: "Hällo",
    newpassword: "x",
  });
  await save(server, "/config/plugins", { motd: "Again" });
  expect(await Promise.all(["replacetitles", "enablepass", "motd", "newpassword"].map(get))).toEqual([
    "0",
    "1",
    "Again",
    undefined,
  ]);
});

test("without replacetitles, enabled plugins leave the titles of new archives, and a use stores one", async () => {
  const server = await open(undefined);
  const source = pluginSource(
    { namespace: "titles", type: "metadata" },
    'return { title: "Given", tags: "found:yes" };',
  );
  await server.services.installer.sideload("titles.ts", Buffer.from(source), true);
  await server.call("configurePlugin", { params: { namespace: "titles" }, body: { enabled: true } });
  const added = async (name: string) => {
    const { body } = await server.call("uploadArchive", { payload: archiveForm(`${name}.cbz`, cbz(name)) });
    return (await server.call("getArchiveMetadata", { params: { id: body.id } })).body;
  };
  await save(server, "/config/plugins", { replacetitles: "0" });
  const kept = await added("one");
  expect(kept).toMatchObject({ title: "one", tags: "found:yes" });
  const { body } = await server.call("queuePlugin", { query: { plugin: "titles", id: kept.arcid } });
  await server.ended(body.job);
  expect((await server.call("getArchiveMetadata", { params: { id: kept.arcid } })).body.title).toBe("Given");
  await save(server, "/config/plugins", { replacetitles: "on" });
  expect(await added("two")).toMatchObject({ title: "Given" });
});

/** Sends the form without a key. */
const sendOpenly = async ({ http }: TestServer, url: string, headers: Record<string, string> = {}) =>
  (
    await http.inject({
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      payload: "replacetitles=0",
    })
  ).statusCode;

test.skipIf(withoutRedis)(
  "where the LANraragi on the same Redis has no password, its form needs no key",
  async () => {
    const client = clientOf(redis(), 2);
    const server = await open(redis().address(2));
    const form = "/config/plugins";
    expect(await sendOpenly(server, form)).toBe(401);
    // Only LANraragi's own word counts.
    await save(server, form, { enablepass: "0" });
    expect(await sendOpenly(server, form)).toBe(401);
    await client.hset("LRR_CONFIG", "enablepass", "0");
    expect(await sendOpenly(server, form)).toBe(200);
    expect(await server.services.lanraragiSettings.get("replacetitles")).toBe("0");
    expect(await sendOpenly(server, "/api/config/plugins")).toBe(401);
    const others: Record<string, string>[] = [
      { origin: "https://evil.test" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { authorization: "Bearer d3Jvbmc=" },
    ];
    for (const headers of others) expect(await sendOpenly(server, form, headers)).toBe(401);
    await client.hset("LRR_CONFIG", "enablepass", "1");
    expect(await sendOpenly(server, form)).toBe(401);
  },
);

test("the tag rules of LANraragi's form are those of the tag policy", async () => {
  const server = await open(undefined);
  const { policy } = server.services;
  await save(server, "/config/plugins", { tagrules: "-gone\r\nold:* -> new:*\r\n", tagruleson: "1" });
  const { enabled, rules } = await policy.tags();
  expect([enabled, rules.map(({ text }) => text)]).toEqual([true, ["-gone", "old:* -> new:*"]]);
  await save(server, "/config/plugins", { tagruleson: "0" });
  expect(await policy.tags()).toMatchObject({ enabled: false, rules });
});

test.skipIf(withoutRedis)(
  "settings of the LANraragi on the same Redis count until a form sends others, and its secrets never",
  async () => {
    const client = clientOf(redis(), 6);
    await client.hset("LRR_CONFIG", { replacetitles: "0", motd: "Theirs", apikey: "secret" });
    const server = await open(redis().address(6));
    const { get, replacesTitles } = server.services.lanraragiSettings;
    const values = () => Promise.all(["motd", "pagesize", "apikey"].map(get));
    expect([await values(), await replacesTitles()]).toEqual([["Theirs", undefined, undefined], false]);
    await save(server, "/config/plugins", { motd: "Ours", replacetitles: "1" });
    expect([await values(), await replacesTitles()]).toEqual([["Ours", undefined, undefined], true]);
    expect(await client.hget("LRR_CONFIG", "motd")).toBe("Theirs");
  },
);
