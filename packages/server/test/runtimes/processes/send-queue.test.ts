import { PassThrough } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import { createSendQueue } from "../../../src/runtimes/processes/send-queue.ts";
import { live } from "../broker/fixture.ts";

const LARGE = 4 * 1024 * 1024;

/** A queue into a pipe that is not read yet, and the large messages that were sent. */
const open = () => {
  const pipe = new PassThrough();
  const queue = createSendQueue(pipe, () => {});
  onTestFinished(() => queue.stop());
  const sent: number[] = [];
  const sendLarge = (id: number, signal = live()) =>
    queue.sendWhenDrained(() => {
      sent.push(id);
      queue.send(Buffer.alloc(LARGE));
    }, signal);
  return { pipe, queue, sent, sendLarge };
};

test("one large message is sent at a time, and the next once it was read", async () => {
  const { pipe, sent, sendLarge } = open();
  const all = Promise.all([0, 1, 2, 3].map((id) => sendLarge(id)));
  await vi.waitFor(() => expect(pipe.writableLength + pipe.readableLength).toBeGreaterThanOrEqual(LARGE));
  expect(sent).toEqual([0]);
  let most = 0;
  pipe.on("data", () => {
    most = Math.max(most, pipe.writableLength);
  });
  await all;
  expect(sent).toEqual([0, 1, 2, 3]);
  expect(most).toBeLessThanOrEqual(LARGE);
});

test("small messages do not wait", async () => {
  const { queue, sent } = open();
  for (let id = 0; id < 100; id++) {
    await queue.sendWhenDrained(() => {
      sent.push(id);
      queue.send(Buffer.from("small"));
    }, live());
  }
  expect(sent).toHaveLength(100);
});

test("an aborted message leaves the queue, and the others keep their order", async () => {
  const { pipe, sent, sendLarge } = open();
  const controller = new AbortController();
  const all = [sendLarge(0), sendLarge(1, controller.signal), sendLarge(2)];
  controller.abort();
  await all[1];
  pipe.resume();
  await Promise.all(all);
  expect(sent).toEqual([0, 2]);
});

test("when the process ends, all waiting senders are released", async () => {
  const { queue, sent, sendLarge } = open();
  const all = Promise.all([sendLarge(0), sendLarge(1), sendLarge(2)]);
  queue.stop();
  await all;
  expect(sent).toEqual([0]);
});
