import { expect, test } from "vitest";
import { createDeferred } from "../../src/async/deferred.ts";
import { createKeyedMutex } from "../../src/async/keyed-mutex.ts";

test("work of one key runs in order; work of different keys runs concurrently", async () => {
  const mutex = createKeyedMutex();
  const events: string[] = [];
  const first = createDeferred<void>();
  const ends = [
    mutex.run("a", async () => {
      events.push("a1 begins");
      await first.promise;
      events.push("a1 ends");
    }),
    mutex.run("a", async () => void events.push("a2")),
  ];
  await mutex.run("b", async () => void events.push("b"));
  expect(events).toEqual(["a1 begins", "b"]);
  first.resolve();
  await Promise.all(ends);
  expect(events).toEqual(["a1 begins", "b", "a1 ends", "a2"]);
});

test("failed work rejects only its own caller", async () => {
  const mutex = createKeyedMutex();
  const failing = mutex.run("a", () => Promise.reject(new Error("own")));
  const next = mutex.run("a", async () => 1);
  await expect(failing).rejects.toThrow("own");
  expect(await next).toBe(1);
});
