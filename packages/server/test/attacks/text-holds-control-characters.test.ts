import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { zipSync } from "fflate";
import { Redis } from "ioredis";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig, type SettingName } from "../../src/config/config.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { bearer } from "../http/test-server.ts";
import { cbz } from "../library/cbz.ts";
import { KEY, recordedLanraragi } from "../library/lanraragi/recorded.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

const redis = sharedRedis();
let last = 0;

/** A text that SQLite would end at its NUL, and that UTF-8 cannot hold. */
const BAD = "c\u0000d\u001b[31m\u0085\ud800e";
const CLEAN = "cd[31m\ufffde";
/** The same in the library, which has no U+FFFD. */
const IN_LIBRARY = "cd[31me";

const serve = async (store: string, more: Partial<Record<SettingName, string>> = {}) => {
  const folder = await tempFolder();
  const library = path.join(folder, "library");
  await mkdir(library);
  await writeFile(path.join(library, "a\u0001\u001b\u0085b.cbz"), cbz("named"));
  const settings = {
    data: path.join(folder, "data"),
    library,
    port: "0",
    warm: "0",
    settle: "0",
    ...(store && { store }),
    ...more,
  };
  const server = await startServer(readConfig(settings, {}), pino({ level: "silent" }));
  onTestFinished(() => server.stop());
  const send = async (
    method: string,
    call: string,
    body?: string | FormData,
    type?: string,
    status = 200,
  ) => {
    const headers = { ...bearer(server.apiKey.key), ...(type && { "content-type": type }) };
    const answer = await fetch(`${server.address}/api${call}`, { method, headers, ...(body && { body }) });
    const text = await answer.text();
    expect(answer.status, text).toBe(status);
    return JSON.parse(text);
  };
  const json = (method: string, call: string, body: unknown) =>
    send(method, call, JSON.stringify(body), "application/json");
  const run = (...argv: string[]) =>
    runCaptured(argv, { cwd: folder, env: { HITAGI_SERVER: server.address, HITAGI_DATA: settings.data } });
  const metadata = (id: string) => send("GET", `/archives/${id}/metadata`);
  const upload = async (
    bytes: Buffer,
    fields: Record<string, string> = {},
    name = "upload.cbz",
  ): Promise<string> => {
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(bytes)]), name);
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return (await send("PUT", "/archives/upload", form)).id;
  };
  return { folder, send, json, run, metadata, upload };
};

/** Fails on a control character or a lone surrogate in any text of an answer. */
const expectClean = (value: unknown): void => {
  const text = JSON.stringify(value);
  for (const written of ["\\u0000", "\\u001b", "\u0085", "\\ud800"]) expect(text).not.toContain(written);
};

const stores: [string, () => string][] = [
  ["SQLite", () => ""],
  ["Redis", () => redis().address(++last)],
];

describe.skipIf(withoutRedis).each(stores)("a text with control characters, on %s,", (_, storeOf) => {
  test("is cleaned at every entrance", async () => {
    const { folder, send, json, run, metadata, upload } = await serve(storeOf());

    // Forms. A form cannot hold a lone surrogate.
    const formText = "c\u0000d\u001b[31m\u0085e";
    const id = await upload(cbz("form"), {
      title: formText,
      tags: `${formText},lost1`,
      summary: `${formText}\n2`,
    });
    expect(await metadata(id)).toMatchObject({
      title: "cd[31me",
      tags: "cd[31me, lost1",
      summary: "cd[31me\n2",
    });
    const form = new URLSearchParams({
      title: `t${formText}`,
      tags: `x${formText}, lost2`,
      summary: formText,
    });
    await send("PUT", `/archives/${id}/metadata?${form}`);
    expect(await metadata(id)).toMatchObject({
      title: "tcd[31me",
      tags: "xcd[31me, lost2",
      summary: "cd[31me",
    });

    // The name of a file in the library.
    const named = await vi.waitFor(async () => {
      const all = (await send("GET", "/archives")) as { arcid: string; title: string }[];
      expect(all).toHaveLength(2);
      return all.find((one) => one.arcid !== id);
    });
    expect(named?.title).toBe("ab");

    // ComicInfo.xml in an archive, and what a plugin finds, reports and writes.
    const info = `<ComicInfo><Title>&#x85;${"c\u0085d"}</Title><Genre>a\u0085b</Genre></ComicInfo>`;
    const comic = await upload(
      Buffer.from(zipSync({ "ComicInfo.xml": Buffer.from(info), "1.jpg": new Uint8Array(3) })),
    );
    await run("run", "comic-info", "--archive", comic, "--apply");
    expectClean(await metadata(comic));
    const written = JSON.stringify(BAD);
    const finder = pluginText(
      "finder",
      "1.0.0",
      "metadata",
      `getTags: () => ({ tags: [${written}, "lost3"], title: ${written}, summary: ${written} }),`,
    );
    const script = pluginText(
      "writer",
      "1.0.0",
      "script",
      `run: async (ctx) => {
        await ctx.cache.set(${written}, { [${written}]: ${written} }, 60);
        const { [${JSON.stringify(CLEAN)}]: kept } = await ctx.cache.get(${written});
        return { [${written}]: ${written}, arg: ctx.arg, kept };
      },`,
    );
    const failing = pluginText("failing", "1.0.0", "script", `run: () => { throw new Error(${written}); },`);
    for (const [name, source] of Object.entries({ finder, script, failing })) {
      await writeFile(
        path.join(folder, `${name}.ts`),
        source.replace(
          /description: "[^"]*"/,
          `description: ${written}, parameters: { said: { type: "string" } }`,
        ),
      );
      const sideloaded = await run("sideload", `${name}.ts`);
      expect(sideloaded.code, sideloaded.err).toBe(0);
    }
    await run("run", "finder", "--archive", id, "--apply");
    expect(await metadata(id)).toMatchObject({ title: IN_LIBRARY, summary: IN_LIBRARY });
    expect((await metadata(id)).tags).toContain(`${IN_LIBRARY}, lost3`);
    expect((await run("run", "writer", "--json")).json).toMatchObject({
      [CLEAN]: CLEAN,
      kept: CLEAN,
    });
    const failed = await run("run", "failing");
    expect(failed.err).not.toContain("\0");

    // The arguments of a job, a parameter of a path, the name of a file in a form, and half of a pair in a query.
    const query = new URLSearchParams({ plugin: "writer", arg: formText });
    const { job } = await send("POST", `/plugins/queue?${query}`);
    await vi.waitFor(async () => {
      const { state, args, result } = await send("GET", `/minion/${job}/detail`);
      expect(state).toBe("finished");
      expect(JSON.stringify(args)).toContain("cd[31me");
      expect(result.data).toEqual({ [CLEAN]: CLEAN, arg: "cd[31me", kept: CLEAN });
    });
    for (const name of ["wri%00t%C2%85er", "no%00%1b%C2%85ne"]) {
      expectClean(await send("GET", `/plugins/installed/${name}/settings`, undefined, undefined, 400));
    }
    const sent = await upload(cbz("sent"), {}, "s\u0001e\u0085nt.cbz");
    expect(await metadata(sent)).toMatchObject({ title: "sent" });
    await send("PUT", `/archives/${sent}/metadata?title=a%ED%A0%80b&summary=a%ED%A0%80b`);
    const { title, summary } = await metadata(sent);
    // Bytes that are no UTF-8 stay encoded.
    for (const text of [title, summary]) expect(text).toBe("a%ED%A0%80b");

    // JSON, the manifest of a plugin, and an index.
    const local = { name: "r\ud800e", provider: "local", path: path.join(folder, "r") };
    const { id: registry } = await json("POST", "/registries", local);
    expect((await send("GET", `/registries/${registry}`)).registry.name).toBe("r\ufffde");
    const refused = JSON.stringify({ ...local, name: BAD });
    await send("POST", "/registries", refused, "application/json", 400);
    await json("PUT", "/plugins/installed/writer/settings", { said: BAD });
    const { settings } = await send("GET", "/plugins/installed/writer/settings");
    expect(settings).toMatchObject([{ name: "said", value: CLEAN }]);
    const versions = [
      { version: "1.0.0", name: BAD, source: pluginText("offered", "1.0.0", "script", "run: () => 1,") },
    ];
    await writeRegistry(path.join(folder, "registry"), [{ namespace: "offered", type: "script", versions }]);
    await run("registry", "add", path.join(folder, "registry"));
    for (const call of [
      "/plugins/installed",
      "/minion",
      "/history",
      "/keys",
      "/archives",
      "/plugins/all",
      "/plugins/available",
      "/registries",
    ]) {
      expectClean(await send("GET", call));
    }
  });
});

test("texts of a LANraragi server are cleaned on their way in and out", async () => {
  const remote = await recordedLanraragi();
  const there = remote.add("there.cbz", cbz("there"), { title: BAD, tags: `${BAD}, lost1`, summary: BAD });
  const { send, metadata, upload } = await serve("", {
    library: `lanraragi+${remote.address}`,
    libraryKey: KEY,
  });
  expectClean(await send("GET", "/archives"));
  expect(await metadata(there)).toMatchObject({
    title: IN_LIBRARY,
    tags: `${IN_LIBRARY}, lost1`,
    summary: IN_LIBRARY,
  });
  const formText = "c\u0000d\u001b[31m\u0085e";
  const id = await upload(cbz("new"), { title: formText, tags: `${formText},lost1`, summary: formText });
  expect(remote.archives.get(id)).toMatchObject({
    ...{ title: "cd[31me", tags: expect.stringMatching(/^cd\[31me, ?lost1/), summary: "cd[31me" },
  });
  await send("PUT", `/archives/${id}/metadata?${new URLSearchParams({ title: `t${formText}` })}`);
  expect(remote.archives.get(id)).toMatchObject({ title: "tcd[31me" });
});

test.skipIf(withoutRedis)("texts that LANraragi wrote into Redis are cleaned", async () => {
  const store = redis().address(++last);
  const client = new Redis({ path: redis().socket, db: last });
  onTestFinished(() => client.disconnect());
  await client.hset("REG_1700000000", { name: BAD, provider: "local", path: `/r${BAD}` });
  await client.hset("LRR_PLUGIN_FILENAME-PARSE", { type: "metadata", keep_rest: BAD, [BAD]: BAD });
  const { send } = await serve(store);
  const { registries } = await send("GET", "/registries");
  // Redis itself holds no half of a pair.
  expect(registries).toMatchObject([{ name: CLEAN, path: `/r${CLEAN}` }]);
  expectClean(registries);
  expectClean(await send("GET", "/plugins/installed/filename-parse/settings"));
});
