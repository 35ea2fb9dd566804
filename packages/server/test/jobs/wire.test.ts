import { JobDetail, JobStatus } from "@hitagi/contract";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { detailOf, statusOf } from "../../src/jobs/wire.ts";
import type { JobRecord } from "../../src/store/types.ts";

const job: JobRecord = {
  id: 7,
  task: "install_plugin",
  args: ["copytags"],
  actor: { kind: "server", key: null },
  state: "inactive",
  priority: 0,
  notes: {},
  error: null,
  result: null,
  attempts: 1,
  retries: 0,
  created: 1_601_145_004.42,
  started: null,
  finished: null,
};
const ran: JobRecord = {
  ...job,
  state: "finished",
  notes: { step: "commit" },
  result: { success: 1, error: null },
  started: 1_601_145_004.421_999,
  finished: 1_601_145_005,
};

test("every state has the shape of the contract", () => {
  for (const record of [
    job,
    ran,
    { ...ran, state: "active" as const },
    { ...ran, state: "failed" as const, error: "e" },
  ]) {
    expect(Value.Errors(JobDetail, detailOf(record, 1_601_145_006.5))).toEqual([]);
    expect(Value.Errors(JobStatus, statusOf(record))).toEqual([]);
  }
});

test("times are epoch seconds as text, and null before the event", () => {
  expect(detailOf(job, 1_601_145_006.5)).toMatchObject({
    created: "1601145004.42",
    started: null,
    finished: null,
    time: "1601145006.5",
  });
  expect(detailOf(ran, 1)).toMatchObject({ started: "1601145004.422", finished: "1601145005" });
});

test("arguments are shown without the secrets of an address", () => {
  const args = [
    "https://me:hunter22@example.org/a",
    "https://example.org/a?x=1&X-Amz-Signature=hunter22",
    null,
    7,
  ];
  expect(detailOf({ ...job, args }, 1).args).toEqual([
    "https://***@example.org/a",
    "https://example.org/a?x=1&X-Amz-Signature=***",
    null,
    7,
  ]);
});

test("the worker is a number in every state: 0 before a job starts, then 1", () => {
  expect(detailOf(job, 1).worker).toBe(0);
  expect(detailOf({ ...ran, state: "active", finished: null }, 1).worker).toBe(1);
  expect(detailOf(ran, 1).worker).toBe(1);
  const cancelledBefore: JobRecord = { ...job, state: "failed", error: "e", finished: 1_601_145_005 };
  expect(detailOf(cancelledBefore, 1).worker).toBe(0);
});

test("the public call has null for absent notes, and neither arguments nor result", () => {
  expect(statusOf(job)).toEqual({ task: "install_plugin", state: "inactive", notes: null, error: null });
  expect(statusOf(ran).notes).toEqual({ step: "commit" });
  expect(statusOf(ran)).not.toHaveProperty("result");
});
