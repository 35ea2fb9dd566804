import type { StreamMessage } from "@hitagi/contract";
import { expect, test, vi } from "vitest";
import { createEventStream } from "../../src/http/event-stream.ts";

const message = (id: string): StreamMessage => ({ id, kind: "ready" });

test("messages of one turn are written at once, in their order and before the end", async () => {
  const { body, send, end } = createEventStream();
  const chunks: string[] = [];
  body.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  for (const id of ["1", "2", "3"]) send(message(id));
  await new Promise((resolve) => setImmediate(resolve));
  await vi.waitFor(() => expect(chunks).toHaveLength(1));
  expect(chunks[0]?.match(/^id: .*$/gm)).toEqual(["id: 1", "id: 2", "id: 3"]);
  send(message("4"));
  end();
  send(message("5"));
  await new Promise((resolve) => body.once("end", resolve));
  expect(chunks.slice(1).join("")).toMatch(/^id: 4\n[\s\S]*\n\n$/);
  expect(chunks.join("")).not.toContain("id: 5");
});

test("a reader that is further behind than it may be is cut off", async () => {
  const { body, send, limit } = createEventStream();
  send(message("1"));
  limit(100);
  for (let n = 0; n < 10; n++) send(message(`${n}`));
  await vi.waitFor(() => expect(body.destroyed).toBe(true));
});

test("a message is made text once for all its readers", () => {
  const toJSON = vi.fn(() => ({ id: "1", kind: "ready" }));
  const one = Object.assign(message("1"), { toJSON });
  for (let n = 0; n < 3; n++) createEventStream().send(one);
  expect(toJSON).toHaveBeenCalledTimes(1);
});
