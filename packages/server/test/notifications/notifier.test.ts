import type { NotificationMessage } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createDocuments } from "../../src/documents/documents.ts";
import { alwaysFresh } from "../../src/freshness.ts";
import { createDeliver } from "../../src/notifications/deliver.ts";
import { createNotifier, lookOnce, type NotifierDeps } from "../../src/notifications/notifier.ts";
import { createReceivers } from "../../src/notifications/receivers.ts";
import { createSend } from "../../src/notifications/send.ts";
import type { NewReceiver } from "../../src/notifications/types.ts";
import type { Store } from "../../src/store/types.ts";
import { createEnqueue } from "../../src/tasks/enqueue.ts";
import { jobsOn, listeningLog, newDatabase, onEachStore, openedStore } from "../jobs/job-runner.ts";
import { webReceiver } from "./receivers-at-work.ts";

const START = 1_800_000_000;

/** One node, whose messages are jobs that do not run. */
const openNode = (store: Store, checks: NotifierDeps["checks"] = {}) => {
  const clock = { now: START };
  const now = () => clock.now;
  const jobs = jobsOn(store);
  jobs.define({ name: "send_notification", repeatable: true, run: async () => {} });
  const documents = createDocuments({ store: store.documents, ensureFresh: alwaysFresh });
  const enqueue = createEnqueue({ jobs, plugins: { anyEnabled: () => false } });
  const { lines, log } = listeningLog();
  const deps = { documents, queue: enqueue.sendNotification, checks, log, now };
  const receivers = createReceivers({ documents, now });
  const queued = async () => {
    const { items } = await store.jobs.list({}, 1, 100);
    return items.map(({ args }) => args as [string, NotificationMessage]).reverse();
  };
  return {
    ...{ clock, documents, receivers, lines, queued, notifier: createNotifier(deps) },
    look: () => {
      documents.forget();
      return lookOnce(deps);
    },
  };
};

const hook = (name: string, more: Partial<NewReceiver> = {}): NewReceiver => ({
  ...{ name, kind: "slack" as const, url: "http://127.0.0.1:1/" },
  ...more,
});

onEachStore(() => {
  const opened = async (checks?: NotifierDeps["checks"]) =>
    openNode(await openedStore(await newDatabase()), checks);

  test("what happens is one message for each receiver that wants it, at once", async () => {
    const node = await opened();
    await node.receivers.create(hook("all"));
    await node.receivers.create(hook("updates-only", { causes: ["updates"] }));
    node.notifier.tell("jobs", "Batch 1 failed");
    await node.notifier.stop();
    await node.look();
    expect(await node.queued()).toMatchObject([
      [
        "all",
        { cause: "jobs", title: "A batch or scheduled run failed", items: ["Batch 1 failed"], more: 0 },
      ],
    ]);
  });

  test("of one cause there is one message in ten minutes, which has what happened meanwhile", async () => {
    const node = await opened();
    await node.receivers.create(hook("all"));
    const happens = async (text: string) => {
      node.notifier.tell("jobs", text);
      await node.notifier.stop();
    };
    await happens("first");
    await node.look();
    for (let n = 0; n < 30; n++) await happens(`more ${n}`);
    node.notifier.tell("quarantine", "bad");
    await node.notifier.stop();
    expect(await node.look()).toBe(600);
    node.clock.now += 599;
    await node.look();
    expect((await node.queued()).map(([, { cause }]) => cause)).toEqual(["jobs", "quarantine"]);
    node.clock.now += 1;
    await node.look();
    const [, , [, last] = []] = await node.queued();
    expect(last).toMatchObject({ title: "30 batches or scheduled runs failed", more: 10 });
    expect(last?.items).toHaveLength(20);
  });

  test("without a receiver nothing is gathered or checked", async () => {
    let checks = 0;
    const updates = async () => {
      checks++;
      return new Map();
    };
    const node = await opened({ updates });
    node.notifier.tell("jobs", "x");
    await node.notifier.stop();
    await node.receivers.create(hook("one", { causes: ["jobs"] }));
    await node.look();
    expect([await node.queued(), checks]).toEqual([[], 0]);
  });

  test("what goes on is told once, by one of several nodes, and again when it comes back", async () => {
    const found = new Map([["a@2", "a 2 (installed: 1)"]]);
    const store = await openedStore(await newDatabase());
    const nodes = [1, 2, 3].map(() => openNode(store, { updates: async () => new Map(found) }));
    const [node] = nodes as [ReturnType<typeof openNode>];
    await node.receivers.create(hook("all"));
    const lookAfter = async (hours: number) => {
      for (const one of nodes) one.clock.now = START + hours * 3600;
      await Promise.all(nodes.map((one) => one.look()));
      await node.look();
      return (await node.queued()).map(([, { items }]) => items);
    };
    expect(await lookAfter(1)).toEqual([["a 2 (installed: 1)"]]);
    found.set("b@5", "b 5 (installed: 4)");
    expect(await lookAfter(2)).toHaveLength(2);
    expect(await lookAfter(3)).toHaveLength(2);
    found.delete("a@2");
    expect(await lookAfter(4)).toHaveLength(2);
    found.set("a@2", "a 2 again");
    expect((await lookAfter(5)).at(-1)).toEqual(["a 2 again"]);
  });

  test("a message that was made is queued once for each receiver, though nodes queue it at once", async () => {
    const store = await openedStore(await newDatabase());
    const nodes = Array.from({ length: 6 }, () => openNode(store));
    const [node] = nodes as [ReturnType<typeof openNode>];
    await node.receivers.create(hook("one"));
    await node.receivers.create(hook("two"));
    node.notifier.tell("jobs", "x");
    await node.notifier.stop();
    await Promise.all(nodes.map((one) => one.look()));
    expect((await node.queued()).map(([name]) => name).sort()).toEqual(["one", "two"]);
  });

  test("a message is tried again with growing waits, or as long as the receiver asks, until it is taken", async () => {
    const { url, received } = await webReceiver((_, response) => {
      const status = [503, 429, 500, 200][received.length - 1] ?? 200;
      response.writeHead(status, status === 429 ? { "retry-after": "1000" } : {});
    });
    const store = await openedStore(await newDatabase());
    const { documents, receivers } = openNode(store);
    await receivers.create(hook("it", { url }));
    const { send, close } = createSend({});
    const waits: number[] = [];
    const wait = async (seconds: number) => waits.push(seconds);
    const deliver = createDeliver({ documents, receivers, send, now: () => START, wait });
    const message = { id: "1", cause: "test" as const, time: 1, title: "t", items: [], more: 0 };
    expect(await deliver("it", message, new AbortController().signal)).toBe(true);
    expect([waits, received.length]).toEqual([[30, 1000, 600], 4]);
    expect(await receivers.list()).toMatchObject([{ name: "it", last: { at: START, outcome: "ok" } }]);
    await close();
  });

  test("a message is given up after a final answer or the last attempt, and dropped if its receiver was removed", async () => {
    const store = await openedStore(await newDatabase());
    const { documents, receivers } = openNode(store);
    const { send, close } = createSend({});
    const message = { id: "1", cause: "test" as const, time: 1, title: "t", items: [], more: 0 };
    const waits: number[] = [];
    const deliverTo = (name: string, onWait: () => Promise<unknown> = async () => {}) => {
      const wait = async (seconds: number) => {
        waits.push(seconds);
        await onWait();
      };
      return createDeliver({ documents, receivers, send, now: () => START, wait })(
        name,
        message,
        new AbortController().signal,
      );
    };
    await receivers.create(hook("dead"));
    await expect(deliverTo("dead")).rejects.toMatchObject({ code: "NOTIFICATION_FAILED" });
    expect(waits).toHaveLength(5);
    expect((await receivers.list())[0]?.last).toMatchObject({ outcome: "NOTIFICATION_FAILED" });
    const { url } = await webReceiver((_, response) => response.writeHead(404));
    await receivers.create(hook("gone", { url }));
    await expect(deliverTo("gone")).rejects.toMatchObject({ code: "NOTIFICATION_FAILED" });
    expect(waits).toHaveLength(5);
    expect(await deliverTo("dead", () => receivers.delete("dead"))).toBe(false);
    await close();
  });
});
