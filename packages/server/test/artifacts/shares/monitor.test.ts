import { HitagiError } from "@hitagi/contract";
import { afterEach, expect, test, vi } from "vitest";
import { createFolderShare } from "../../../src/artifacts/shares/folder.ts";
import { monitorShare } from "../../../src/artifacts/shares/monitor.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const sha256 = "a".repeat(64);

afterEach(() => vi.useRealTimers());

/** A real share that counts requests, and fails on demand. */
const watched = async () => {
  const share = createFolderShare(await tempFolder());
  let fault: HitagiError | undefined;
  const asked = { has: 0, check: 0 };
  const failing = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    if (fault) throw fault;
    return result;
  };
  const watch = monitorShare({
    ...share,
    has: (hash) => {
      asked.has++;
      return failing(share.has(hash));
    },
    check: () => {
      asked.check++;
      return failing(share.check());
    },
  });
  const fail = (next: HitagiError | undefined) => {
    fault = next;
  };
  return { watch, asked, fail };
};

const away = new HitagiError("ARTIFACTS_UNREACHABLE", { reason: "a test says so" });

test("concurrent health checks send one request, and none after a successful use", async () => {
  const { watch, asked } = await watched();
  expect(await Promise.all([watch.fault(), watch.fault(), watch.fault()])).toEqual(Array(3).fill(undefined));
  expect(await watch.fault()).toBeUndefined();
  expect(asked.check).toBe(1);
});

test("a failed use is the health state until a use succeeds", async () => {
  const { watch, fail } = await watched();
  fail(away);
  await expect(watch.has(sha256)).rejects.toBe(away);
  expect(await watch.fault()).toBe(away);
  fail(undefined);
  expect(await watch.fault()).toBeUndefined();
});

test("an unreachable share is not tried again for a second", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { watch, fail, asked } = await watched();
  fail(away);
  for (let i = 0; i < 5; i++) await expect(watch.has(sha256)).rejects.toBe(away);
  expect(asked.has).toBe(1);
  fail(undefined);
  vi.advanceTimersByTime(1001);
  expect(await watch.has(sha256)).toBe(false);
});
