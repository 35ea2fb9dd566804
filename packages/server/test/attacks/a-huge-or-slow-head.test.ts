import { isHitagiError } from "@hitagi/contract";
import { expect, test, vi } from "vitest";
import { aroundFetch } from "../support/around-fetch.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

test("a huge head is refused, and no more of it is read than a head may have", async () => {
  const { source, refresh } = await openSigned();
  let sent = 0;
  source.show(publication());
  source.answer("registry.head", (response) => {
    const chunk = Buffer.alloc(64 * 1024, "hitagi-head/v1\n");
    const more = (): void => {
      while (!response.destroyed && sent < 2 ** 30) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", more);
      }
    };
    more();
  });
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_INVALID" });
  expect(sent).toBeLessThan(2 ** 26);
});

test.each(["registry.head", "registry.details.json", "registry.json"])(
  "a refresh ends where its %s never does",
  async (file) => {
    const { source, refresh } = await openSigned({ timeoutMs: 300 });
    source.show(publication({ yanked: { other: { "1.0.0": "one" } } }));
    source.answer(file, (response) => void response.write(file === "registry.head" ? "h" : "{"));
    await expect(refresh()).rejects.toMatchObject({ code: "SOURCE_TIMEOUT" });
  },
);

/** Milliseconds, beside which those that pass are nothing. */
const TOTAL = 1e9;

/** Refreshes by a clock that each fetch moves by a part of the total time. @returns the files that were asked for, and the code of its failure */
const refreshWith = async (part: number): Promise<string[]> => {
  const read = performance.now.bind(performance);
  let passed = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => read() + passed);
  const around = aroundFetch((fetch) => (...asked) => {
    passed += part * TOTAL;
    return fetch(...asked);
  });
  const { source, refresh } = await openSigned({ timeoutMs: TOTAL, around });
  source.show(publication({ yanked: { other: { "1.0.0": "one" } } }));
  try {
    await refresh();
  } catch (error) {
    if (!isHitagiError(error, "SOURCE_TIMEOUT")) throw error;
    return [...source.requested, error.code];
  } finally {
    clock.mockRestore();
  }
  return source.requested;
};

test("head, details and index share one total time", async () => {
  const files = ["registry.head", "registry.details.json", "registry.json"];
  expect((await refreshWith(0.3)).sort()).toEqual([...files].sort());
  const asked = await refreshWith(0.6);
  expect([asked.length, asked[0], asked.at(-1)]).toEqual([3, "registry.head", "SOURCE_TIMEOUT"]);
});
