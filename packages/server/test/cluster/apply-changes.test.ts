import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { HitagiError, toNamespace } from "@hitagi/contract";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { createApplyChanges } from "../../src/cluster/apply-changes.ts";
import { createActivePlugins } from "../../src/plugins/registry/active.ts";
import type { ActivePlugin } from "../../src/plugins/types.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Topic } from "../../src/store/types.ts";
import { tempFolder } from "../support/temp-folder.ts";

const activePlugin = (version: string): ActivePlugin => ({
  namespace: "p",
  manifest: { namespace: "p", type: "script", name: "P", version, author: "a", description: "d" },
  origin: "managed",
  runtime: "deno",
  path: "Managed/Scripts/p.ts",
  registry: "REG_0000000001",
  code: { namespace: "p", sha256: version.repeat(8), filename: "p.ts", source: Buffer.from(version) },
  granted: {},
  enabled: false,
  hidden: false,
  priority: 0,
  health: { state: "ok" },
});

type Reconcile = (follow: () => Promise<void>) => Promise<void>;

/** An active plugin, and another version that `reconcile` brings. */
const setUp = async (reconcile: Reconcile, applyTimeoutMs = 20, duringReload = async () => {}) => {
  const store = await openSqliteStore(`${await tempFolder()}/hitagi.db`);
  onTestFinished(() => store.close());
  const active = createActivePlugins({ retire: () => {} });
  active.set("p", activePlugin("1.0.0"));
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const [forget, recheck, forgetDocuments, taken] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
  const forgetRegistries = vi.fn();
  let isThere = false;
  const applyChanges = createApplyChanges({
    store,
    active,
    installer: {
      reconcile: (_namespace, _placed, follow = async () => {}) =>
        reconcile(async () => {
          isThere = true;
          await follow();
        }),
    },
    plugins: {
      reload: async () => {
        const wasThere = isThere;
        await duringReload();
        if (wasThere) active.set("p", activePlugin("2.0.0"));
        return undefined;
      },
    },
    catalog: { forget },
    keys: { recheck },
    documents: { forget: forgetDocuments },
    forgetRegistries,
    log,
    onApplied: taken,
    applyTimeoutMs,
  });
  return { applyChanges, lines, forget, recheck, taken, plugin: () => active.get("p") };
};

test("a plugin whose bytes come late is refused until they arrive, and then becomes active by itself", async () => {
  let arrive: () => void = () => {};
  const fetched = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const { applyChanges, plugin } = await setUp((follow) => fetched.then(follow));
  expect(await applyChanges(["plugin:p"])).toEqual(["plugin:p"]);
  expect(plugin()?.health).toMatchObject({
    state: "broken",
    reason: expect.stringContaining("still fetching"),
  });
  arrive();
  await vi.waitFor(() =>
    expect(plugin()).toMatchObject({ health: { state: "ok" }, code: activePlugin("2.0.0").code }),
  );
});

test("bytes that arrived while the process was suspended are not late, in any number of answers", async () => {
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  const answer = async () => {
    socket.write("?");
    await once(socket, "data");
  };
  /** Like SIGSTOP and SIGCONT: timers are due afterwards, and received data is still unread. */
  const standStill = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  const { applyChanges, lines, plugin } = await setUp(async (follow) => {
    setImmediate(standStill);
    for (let asked = 0; asked < 3; asked++) await answer();
    await follow();
  }, 100);
  expect(await applyChanges(["plugin:p"])).toEqual([]);
  expect(lines).toEqual([]);
  expect(plugin()?.code).toEqual(activePlugin("2.0.0").code);
});

test("a plugin whose bytes come while it is being disabled becomes active", async () => {
  let arrive: () => void = () => {};
  const fetched = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  let reloads = 0;
  const duringReload = async () => {
    // The first reload deactivates the plugin, and has read the record already.
    if (++reloads > 1) return;
    arrive();
    await vi.waitFor(() => expect(reloads).toBe(2));
  };
  const { applyChanges, plugin } = await setUp((follow) => fetched.then(follow), 20, duringReload);
  expect(await applyChanges(["plugin:p"])).toEqual(["plugin:p"]);
  await vi.waitFor(() =>
    expect(plugin()).toMatchObject({ health: { state: "ok" }, code: activePlugin("2.0.0").code }),
  );
});

test("a plugin whose bytes are missing is out of service, is logged once, and becomes active when they arrive", async () => {
  let fails = true;
  const { applyChanges, lines, plugin, taken } = await setUp(async (follow) => {
    if (fails) throw new HitagiError("PLUGIN_BYTES_MISSING", { namespace: "p", version: "2.0.0" });
    await follow();
  });
  for (let n = 0; n < 3; n++) expect(await applyChanges(["plugin:p"])).toEqual(["plugin:p"]);
  expect(taken).not.toHaveBeenCalled();
  expect(plugin()?.health.state).toBe("broken");
  expect(lines).toHaveLength(1);
  fails = false;
  expect(await applyChanges(["plugin:p"])).toEqual([]);
  expect(plugin()?.code.sha256).toBe(activePlugin("2.0.0").code.sha256);
});

test("while the store cannot be read, no change is reported as applied", async () => {
  const { applyChanges, plugin } = await setUp(async () => {
    throw new HitagiError("STORE_UNREACHABLE", { reason: "away" });
  });
  await expect(applyChanges(["plugin:p"])).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
  expect(plugin()?.health.state).toBe("ok");
});

test("if all records may have changed, all are applied", async () => {
  const { applyChanges, plugin, forget, recheck, taken } = await setUp((follow) => follow());
  expect(await applyChanges("all")).toEqual([]);
  expect(taken).toHaveBeenCalledExactlyOnceWith("p", undefined);
  expect(plugin()?.manifest.version).toBe("2.0.0");
  expect(recheck).toHaveBeenCalledTimes(1);
  await applyChanges(["registry:REG_0000000001"]);
  expect(forget).toHaveBeenCalledWith("REG_0000000001");
});

test("many late plugins are waited for together, so that the other changes are applied", async () => {
  const reconcile = vi.fn(() => new Promise<void>(() => {}));
  const waitingAtFirst: number[] = [];
  const { applyChanges } = await setUp(reconcile, 200, async () => {
    waitingAtFirst.push(reconcile.mock.calls.length);
  });
  const topics = Array.from({ length: 40 }, (_, n): Topic => `plugin:${toNamespace(`p${n}`)}`);
  expect(await applyChanges(topics)).toEqual(topics);
  // All are waited for when the first is given up.
  expect(waitingAtFirst[0]).toBe(topics.length);
});
