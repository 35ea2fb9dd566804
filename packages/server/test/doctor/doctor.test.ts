import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { pino } from "pino";
import { expect, it, onTestFinished } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { filesIn, serve, serveStocked } from "../backup/backup-world.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { cbz } from "../library/cbz.ts";
import { noBubblewrap } from "../runtimes/deno/fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { withoutRoot } from "../support/without-root.ts";

/** An address at which nothing answers. */
const NO_SERVER = "http://127.0.0.1:9";

const doctor = async (data: string, env: Record<string, string> = {}, ...options: string[]) => {
  const ran = await runCaptured(["doctor", "--json", ...options], {
    env: {
      HITAGI_DATA: data,
      HITAGI_SERVER: NO_SERVER,
      HITAGI_PORT: "0",
      PATH: process.env.PATH ?? "",
      ...env,
    },
  });
  const findings: Finding[] = ran.json;
  return { ...ran, of: (check: string) => findings.filter((finding) => finding.check === check) };
};

it("passes on a machine without a started server, and creates nothing", async () => {
  const data = path.join(await tempFolder(), "data");
  const { code, err, of } = await doctor(data);
  expect(code, err).toBe(0);
  expect(of("deno")).toMatchObject([
    {
      state: noBubblewrap ? "note" : "ok",
      text: expect.stringMatching(/ runs; plugins are confined by deno/),
    },
  ]);
  expect(of("data folder")).toMatchObject([{ state: "skipped" }]);
  await expect(stat(data)).rejects.toThrow();
});

it("checks a running server, its registries and its folders without disturbing it", async () => {
  const kept = await serveStocked();
  const { code, err, of } = await doctor(kept.data, { HITAGI_SERVER: kept.server.address });
  expect(code, err).toBe(0);
  expect(of("server")).toMatchObject([{ state: "ok", text: expect.stringContaining(String(process.pid)) }]);
  expect(of("version")).toMatchObject([{ state: "ok" }]);
  expect(of("store")).toMatchObject([{ state: "ok" }]);
  expect(of("registry registry")).toMatchObject([
    { state: "ok", text: expect.stringContaining("3 plugins") },
  ]);
  expect((await kept.run("verify")).code).toBe(0);
  // Its lock still holds.
  const second = await runCaptured(["serve", "--data", kept.data, "--port", "0", "--log", "silent"]);
  expect(second.err).toContain("already uses this data folder");
});

it("is a call of the API too, which checks the server itself and leaves its lock alone", async () => {
  const kept = await serveStocked();
  const { address, apiKey } = kept.server;
  const { findings } = await createClient(address, apiKey.key).examineServer({});
  const of = (check: string) => findings.filter((finding) => finding.check === check);
  expect(of("server")).toMatchObject([{ state: "ok", text: expect.stringContaining(String(process.pid)) }]);
  expect(of("store")).toMatchObject([{ state: "ok" }]);
  expect(of("registry registry")).toMatchObject([
    { state: "ok", text: expect.stringContaining("3 plugins") },
  ]);
  expect(findings.filter(({ state }) => state === "wrong")).toEqual([]);
  const second = await runCaptured(["serve", "--data", kept.data, "--port", "0", "--log", "silent"]);
  expect(second.err).toContain("already uses this data folder");
});

it("says where a server listens that it reaches over the socket of its data folder", async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const kept = await serve(await tempFolder(), undefined, String(port));
  const { of } = await doctor(kept.data, { HITAGI_SERVER: "" });
  const text = `It answers at the socket of this data folder, and listens on 127.0.0.1:${port} (process ${process.pid})`;
  expect(of("server")).toMatchObject([{ state: "ok", text }]);
});

it("asks a running server for its settings", async () => {
  const kept = await serveStocked();
  const key = (await readFile(path.join(kept.data, "api-key"), "utf8")).trim();
  const elsewhere = path.join(await tempFolder(), "data");
  const { of } = await doctor(elsewhere, { HITAGI_SERVER: kept.server.address }, "--key", key);
  expect(of("data folder")).toMatchObject([{ state: "ok", text: expect.stringContaining(kept.data) }]);
  expect(of("api key")).toMatchObject([{ state: "ok", text: "Only its owner can read it" }]);
  await expect(stat(elsewhere)).rejects.toThrow();
});

it("lists the files of a running server's library that were not taken in", async () => {
  const kept = await serveStocked();
  expect((await doctor(kept.data, { HITAGI_SERVER: kept.server.address })).of("library files")).toMatchObject(
    [{ state: "ok" }],
  );
  await mkdir(path.join(kept.data, "library"), { recursive: true });
  await writeFile(path.join(kept.data, "library/page.cbz"), "<html>");
  await writeFile(path.join(kept.data, "library/notes.txt"), "notes");
  const { code, of } = await doctor(kept.data, { HITAGI_SERVER: kept.server.address });
  expect(code).toBe(0);
  expect(of("library files")).toMatchObject([
    { state: "note", text: expect.stringMatching(/^page\.cbz: .* web page/) },
    {
      state: "note",
      text: expect.stringContaining("1 more are ignored"),
      hint: expect.stringContaining("library problems"),
    },
  ]);
});

it("checks a stopped server's store and registries, and changes nothing", async () => {
  const kept = await serveStocked();
  await kept.server.stop();
  const before = await filesIn(kept.data);
  const well = await doctor(kept.data);
  expect(well.code, well.err).toBe(0);
  expect(well.of("store")).toMatchObject([{ state: "ok", text: "It opens and is complete" }]);
  expect(well.of("registry registry")).toMatchObject([{ state: "ok" }]);
  expect(await filesIn(kept.data)).toEqual(before);

  await writeFile(path.join(kept.folder, "registry", "registry.json"), "");
  await chmod(path.join(kept.data, "api-key"), 0o644);
  const file = path.join(kept.data, "hitagi.db");
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(0x2a, 4096, 12_000));
  const later = new Date(Date.now() + 86_400_000);
  await utimes(file, later, later);
  const ill = await doctor(kept.data);
  expect(ill.code).toBe(1);
  for (const check of ["store", "api key", "clock"]) {
    expect(ill.of(check), check).toMatchObject([{ state: "wrong", hint: expect.stringMatching(/\w/) }]);
  }
  expect(ill.err).toMatch(/^error: Problems found: .*api key, clock, store/);
  expect(ill.of("store")).toMatchObject([
    { text: expect.stringContaining("damaged"), hint: expect.stringContaining("`hitagi restore`") },
  ]);
});

it("reports the holder of the folder if nothing answers, a port in use, and a refused key", async () => {
  const folder = await tempFolder();
  const kept = await serve(folder);
  const deaf = await doctor(kept.data);
  expect(deaf.code).toBe(1);
  expect(deaf.of("server")).toMatchObject([
    { state: "wrong", text: expect.stringContaining("nothing answers") },
  ]);
  const other = await doctor(kept.data, { HITAGI_SERVER: kept.server.address, HITAGI_API_KEY: "wrong" });
  expect(other.of("api key")).toContainEqual(expect.objectContaining({ state: "wrong" }));

  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as { port: number };
  const busy = await doctor(path.join(folder, "fresh"), { HITAGI_PORT: String(port) });
  expect(busy.of("port")).toMatchObject([{ state: "wrong", text: expect.stringContaining("EADDRINUSE") }]);
});

it("reports a registry that cannot be reached, with a hint", async () => {
  const kept = await serveStocked();
  await writeFile(path.join(kept.folder, "registry", "registry.json"), "{");
  const { code, of } = await doctor(kept.data, { HITAGI_SERVER: kept.server.address });
  expect(code).toBe(1);
  expect(of("registry registry")).toMatchObject([
    {
      state: "wrong",
      text: expect.stringContaining("is cut off: it ends too early"),
      hint: expect.stringMatching(/\w/),
    },
  ]);
});

it("reports a registry with a bad entry by the entry, and never by an OK", async () => {
  const kept = await serveStocked();
  const file = path.join(kept.folder, "registry", "registry.json");
  const index = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...index, plugins: { ...index.plugins, bad: 7, worse: 8 } }));
  const find = async () =>
    (await doctor(kept.data, { HITAGI_SERVER: kept.server.address })).of("registry registry");
  const [strict] = await find();
  expect(strict).toMatchObject({ state: "wrong", text: expect.stringContaining("/plugins/bad") });
  expect(strict?.text).toMatch(/", and 1 more error$/);
  expect(strict?.text).not.toMatch(/\bOK\b/);
});

it("reports missing programs", async () => {
  const data = path.join(await tempFolder(), "data");
  const { of, code } = await doctor(data, { HITAGI_GIT: "no-such-git" });
  expect(of("git")).toMatchObject([{ state: "note" }]);
  expect(code).toBe(0);
});

it("reports a data folder without write permission as wrong", async () => {
  const folder = await tempFolder();
  const data = path.join(folder, "data");
  await mkdir(data, { mode: 0o500 });
  const ran = await withoutRoot([folder, data], () => doctor(data));
  expect(ran.of("data folder")).toMatchObject([{ state: "wrong" }]);
  await chmod(data, 0o700);
  expect(await readdir(data)).toEqual([]);
});

it("checks the server of the library with its key", async () => {
  const remote = await serveStocked();
  const at = {
    HITAGI_LIBRARY: `lanraragi+${remote.server.address}`,
    HITAGI_LIBRARY_KEY: remote.server.apiKey.key,
  };
  const data = path.join(await tempFolder(), "data");
  const well = await doctor(data, at);
  expect(well.code, well.err).toBe(0);
  expect(well.of("library server")).toMatchObject([
    { state: "ok", text: expect.stringMatching(/^Hitagi .* archives$/) },
  ]);
  expect(well.of("library folder")).toEqual([]);
  const wrongKey = await doctor(data, { ...at, HITAGI_LIBRARY_KEY: "not the key" });
  expect(wrongKey.of("library server")).toMatchObject([
    { state: "wrong", hint: expect.stringContaining("HITAGI_LIBRARY_KEY") },
  ]);
  expect(wrongKey.out).not.toContain("not the key");
  expect(wrongKey.of("new archives")).toMatchObject([
    { state: "note", text: expect.stringContaining("This server runs") },
  ]);
  const elsewhere = await doctor(data, { ...at, HITAGI_NEW_ARCHIVES: "lanraragi" });
  expect(elsewhere.of("new archives")).toMatchObject([
    { state: "ok", text: expect.stringMatching(/^LANraragi runs/) },
  ]);
  const away = await doctor(data, { ...at, HITAGI_LIBRARY: "lanraragi+http://127.0.0.1:9" });
  expect(away.code).toBe(1);
  expect(away.of("library server")).toMatchObject([{ state: "wrong" }]);
});

it("names granted files that plugins cannot be given, and how to put that right", async () => {
  const kept = await serveStocked();
  const folder = await tempFolder();
  await chmod(folder, 0o755);
  const file = path.join(folder, "tags.db");
  await writeFile(file, "tags");
  expect((await kept.run("grant", "comic-info", "--read", file)).code).toBe(0);
  const found = async () =>
    (await doctor(kept.data, { HITAGI_SERVER: kept.server.address })).of("plugin comic-info");
  expect(await found()).toEqual([]);
  await rm(file);
  expect(await found()).toMatchObject([
    {
      state: "wrong",
      text: `It cannot be given "${file}", which it is granted: it does not exist`,
      hint: expect.stringContaining("`hitagi grant comic-info --no-read`"),
    },
  ]);
});

it("names a translation table of the tag rules that the server cannot use", async () => {
  const kept = await serveStocked();
  const folder = await tempFolder();
  const file = path.join(folder, "table.json");
  await writeFile(file, "{}");
  expect((await kept.run("policy", "tags", "table", file)).code).toBe(0);
  const found = async () => (await doctor(kept.data, { HITAGI_SERVER: kept.server.address })).of("tag rules");
  expect(await found()).toEqual([]);
  await writeFile(file, "{");
  expect(await found()).toMatchObject([
    { state: "wrong", text: expect.stringContaining(`${file} cannot be used: it is no JSON`) },
  ]);
});

it("names a schedule of a plugin that is gone", async () => {
  const kept = await serveStocked();
  await kept.run("schedule", "add", "every day", "upgrade", "one");
  const found = async () =>
    (await doctor(kept.data, { HITAGI_SERVER: kept.server.address })).of("schedule 1");
  expect(await found()).toEqual([]);
  await kept.run("uninstall", "one", "--yes");
  expect(await found()).toMatchObject([
    {
      state: "wrong",
      text: "It cannot run (upgrade one): Plugin one is not installed.",
      hint: expect.stringContaining("`hitagi schedule remove 1`"),
    },
  ]);
});

it("calls a named library folder that is missing wrong, and the server neither makes it nor takes files in", async () => {
  const folder = await tempFolder();
  const [data, library] = [path.join(folder, "data"), path.join(folder, "disk", "comics")];
  const lines: { level: number; folder?: string }[] = [];
  const config = readConfig({ data, library, port: "0", warm: "0" }, {});
  const server = await startServer(config, pino({}, { write: (line) => void lines.push(JSON.parse(line)) }));
  const upload = { HITAGI_SERVER: server.address, HITAGI_DATA: data };
  await writeFile(path.join(folder, "new.cbz"), cbz("new"));
  const added = await runCaptured(["library", "add", "new.cbz"], { cwd: folder, env: upload });
  expect([added.code, added.err]).toEqual([1, expect.stringContaining("The library folder does not exist")]);
  const running = await doctor(data, { HITAGI_SERVER: server.address });
  await server.stop();
  const missing = {
    state: "wrong",
    text: `${library} does not exist`,
    hint: expect.stringContaining("Mount its disk"),
  };
  expect([running.code, running.of("library folder")]).toMatchObject([1, [missing]]);
  const stopped = await doctor(data, { HITAGI_LIBRARY: library });
  expect([stopped.code, stopped.of("library folder")]).toMatchObject([1, [missing]]);
  expect(lines.filter(({ level, folder: named }) => level === 40 && named === library)).toHaveLength(1);
  await expect(stat(path.join(folder, "disk"))).rejects.toThrow();
  await mkdir(library, { recursive: true });
  const again = await startServer(config, pino({ level: "silent" }));
  expect((await doctor(data, { HITAGI_SERVER: again.address })).of("library folder")).toMatchObject([
    { state: "ok" },
  ]);
  await again.stop();
});

it("says which plugin's file was deleted, while a server runs and while none does", async () => {
  const kept = await serveStocked();
  const { json: files } = await kept.run("verify", "--json");
  const { namespace, path: file } = files.find((one: { path: string }) => one.path?.startsWith("Managed/"));
  await rm(path.join(kept.data, "plugins", file));
  const running = await doctor(kept.data, { HITAGI_SERVER: kept.server.address });
  expect(running.of(`plugin ${namespace}`)).toMatchObject([
    {
      state: "note",
      text: expect.stringContaining("Its file is gone"),
      hint: expect.stringContaining(`hitagi reinstall ${namespace}`),
    },
  ]);
  await kept.server.stop();
  expect((await doctor(kept.data)).of(`plugin ${namespace}`)).toMatchObject([
    {
      state: "note",
      text: expect.stringContaining("Its file is gone"),
      hint: expect.stringContaining("The next start puts it back"),
    },
  ]);
});
