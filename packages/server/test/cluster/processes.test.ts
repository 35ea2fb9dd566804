import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createClient, type ServerEvent, type StreamMessage } from "@hitagi/contract";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { RunningServer } from "../../src/app/listen.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { archiveForm } from "../http/calls/archives.ts";
import { cbz } from "../library/cbz.ts";
import { libraryOn } from "../support/one-library.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { type Script, startBundled } from "../support/script.ts";
import { bundleServer } from "../support/serve-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

const entry = path.join(import.meta.dirname, "scripts/serve.ts");

interface Node extends Pick<RunningServer, "address" | "apiKey"> {
  data: string;
  script: Script;
}

describe.skipIf(withoutRedis)("servers in separate processes", () => {
  const redis = sharedRedis();
  let db = 0;
  const start = async (settings: Record<string, string>) => {
    const data = settings.data ?? (await tempFolder());
    const store = redis().address(db);
    const library = await libraryOn(store);
    const given = { store, data, library, port: "0", warm: "0", settle: "0", ...settings };
    const script = startBundled(await bundleServer(entry), [JSON.stringify(given)]);
    return { ...JSON.parse(await script.line()), data, script } as Node & { refused?: string };
  };
  const serve = async (settings: Record<string, string> = {}): Promise<Node> => {
    const node = await start(settings);
    expect(node.refused).toBeUndefined();
    return node;
  };
  const keyIn = (node: Node) => readFile(path.join(node.data, "api-key"), "utf8");
  const clientOf = ({ address, apiKey }: Node) => createClient(address, apiKey.key);

  test("a server on an empty folder uses the first key of the others, and so does its command line", async () => {
    db++;
    const a = await serve();
    expect(a.apiKey.isNew).toBe(true);
    const b = await serve();
    expect(b.apiKey).toMatchObject({ key: a.apiKey.key, isNew: false });
    expect(await keyIn(b)).toBe(await keyIn(a));
    const ran = await runCaptured(["key", "list", "--server", b.address, "--data", b.data]);
    expect(ran).toMatchObject({ code: 0, err: "" });
    await Promise.all([a.script.kill(), b.script.kill()]);
    const c = await serve();
    expect(c.apiKey).toMatchObject({ key: a.apiKey.key, isNew: false });
    expect(await clientOf(c).listKeys({})).toMatchObject({ keys: [] });
  });

  test("a key that is configured on one server is not valid on the others", async () => {
    db++;
    const a = await serve({ apiKey: "configured" });
    const b = await serve();
    expect(b.apiKey).toMatchObject({ isNew: true });
    await expect(createClient(b.address, "configured").listKeys({})).rejects.toMatchObject({
      code: "UNAUTHORIZED",
    });
    await createClient(a.address, "configured").listKeys({});
  });

  test("servers on one store share a library, and one of them adds a new archive", async () => {
    db++;
    const library = await tempFolder();
    const [a, b] = [await serve({ library }), await serve({ library })];
    const sqlite = `sqlite:${path.join(await tempFolder(), "hitagi.db")}`;
    expect(await start({ library, store: sqlite })).toMatchObject({ refused: "DATA_IN_USE" });
    expect(await start({ library, store: redis().address(db + 500) })).toMatchObject({
      refused: "LIBRARY_OF_OTHERS",
    });
    expect(await start({ library: await tempFolder() })).toMatchObject({ refused: "LIBRARY_DIFFERS" });
    const [first, second] = [clientOf(a), clientOf(b)];
    await first.configurePlugin({ params: { namespace: "filename-parse" }, body: { enabled: true } });
    const names = Array.from({ length: 8 }, (_, n) => `(C9${n}) [circle ${n}] title.cbz`);
    for (const name of names) await writeFile(path.join(library, name), cbz(name));
    await vi.waitFor(
      async () => {
        const archives = await second.listArchives({});
        expect(archives).toHaveLength(names.length);
        expect(archives.every(({ tags }) => tags.includes("event:"))).toBe(true);
      },
      { interval: 50 },
    );
    const { items } = await first.listJobs({ query: { size: 100 } });
    const queued = items.flatMap(({ task, args }) => {
      if (task === "run_batch") return (args as [null, string[]])[1];
      return task === "run_enabled_plugins" ? [(args as [string])[0]] : [];
    });
    expect(queued).toHaveLength(names.length);
    expect(new Set(queued).size).toBe(names.length);
  });

  test("a reader gets the events of all servers, and resumes on another when its own is killed", async () => {
    db++;
    const library = await tempFolder();
    const [a, b] = [await serve({ library }), await serve({ library })];
    const stopping = new AbortController();
    onTestFinished(() => stopping.abort());
    const read = async (node: Node, after?: string) => {
      const query = { kind: "archive", ...(after !== undefined && { after }) };
      const stream = await clientOf(node).streamEvents({ query, signal: stopping.signal });
      const messages: StreamMessage[] = [];
      const reading = async () => {
        for await (const message of stream) messages.push(message);
      };
      void reading().catch(() => {});
      const events = () => messages.filter((m): m is ServerEvent => "action" in m);
      await vi.waitFor(() => expect(messages.length).toBeGreaterThan(0));
      return { messages, events };
    };
    const add = async (node: Node, name: string) => {
      const headers = { authorization: `Bearer ${Buffer.from(node.apiKey.key).toString("base64")}` };
      const body = archiveForm(`${name}.cbz`, cbz(name));
      const answer = await fetch(`${node.address}/api/archives/upload`, { method: "PUT", headers, body });
      expect(answer.status).toBe(200);
    };
    const reader = await read(b);
    await add(a, "one");
    await add(b, "two");
    await vi.waitFor(() => expect(reader.events()).toHaveLength(2));
    await b.script.kill();
    await add(a, "three");
    const again = await read(a, reader.events()[0]?.id);
    await vi.waitFor(() => expect(again.events()).toHaveLength(2));
    expect(again.messages[0]).toMatchObject({ kind: "ready" });
    const titles = [...reader.events(), ...again.events()].map((e) => (e.kind === "archive" ? e.title : ""));
    expect(titles).toEqual(["one", "two", "two", "three"]);
  });
});
