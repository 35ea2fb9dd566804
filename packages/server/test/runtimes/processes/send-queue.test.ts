import { PassThrough } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import { createSendQueue } from "../../../src/runtimes/processes/send-queue.ts";
import { live } from "../broker/fixture.ts";

const LARGE = 4 * 1024 * 1024;

/** An outbox into a pipe that nobody reads yet, and which of the large things have been sent. */
const open = () => {
  const pipe = new PassThrough();
  const outbox = createSendQueue(pipe, () => {});
  onTestFinished(() => outbox.stop());
  const sent: number[] = [];
  const sendLarge = (id: number, signal = live()) =>
    outbox.sendWhenDrained(() => {
      sent.push(id);
      outbox.send(Buffer.alloc(LARGE));
    }, signal);
  return { pipe, outbox, sent, sendLarge };
};

test("one large thing is on its way at a time, and the next when it was read", async () => {
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

test("small things do not wait for a turn", async () => {
  const { outbox, sent } = open();
  for (let id = 0; id < 100; id++) {
    await outbox.sendWhenDrained(() => {
      sent.push(id);
      outbox.send(Buffer.from("small"));
    }, live());
  }
  expect(sent).toHaveLength(100);
});

test("what nobody waits for any more leaves the line, and the others keep their turns", async () => {
  const { pipe, sent, sendLarge } = open();
  const controller = new AbortController();
  const all = [sendLarge(0), sendLarge(1, controller.signal), sendLarge(2)];
  controller.abort();
  await all[1];
  pipe.resume();
  await Promise.all(all);
  expect(sent).toEqual([0, 2]);
});

test("the end of the process lets everybody go", async () => {
  const { outbox, sent, sendLarge } = open();
  const all = Promise.all([sendLarge(0), sendLarge(1), sendLarge(2)]);
  outbox.stop();
  await all;
  expect(sent).toEqual([0]);
});
