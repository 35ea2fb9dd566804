import type { LibraryProblem, Registry } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import {
  checkLibrary,
  checkRegistries,
  checkUpdates,
  jobIncident,
} from "../../src/notifications/incidents.ts";
import type { JobRecord } from "../../src/store/types.ts";

const BATCH = "run_batch";

type Ended = Pick<JobRecord, "id" | "task" | "args" | "state" | "notes" | "result" | "error">;

const ended = (more: Partial<Ended>): Ended => ({
  ...{ id: 7, task: BATCH, args: [], state: "finished", notes: {}, error: null },
  result: { success: 1, data: { failed: 0, changed: 3 } },
  ...more,
});

describe("the end of a job", () => {
  const crashed = { success: 0, error: "The plugin is gone.", code: "PLUGIN_NOT_FOUND" };
  test.each<[string, Partial<Ended>, string | undefined]>([
    ["a batch in which nothing failed", {}, undefined],
    [
      "a batch in which archives failed",
      { result: { success: 1, failed: 2, total: 5 } },
      "Batch 7: 2 of 5 archives failed; see hitagi batch report 7 --failed",
    ],
    [
      "a batch of a schedule",
      { notes: { schedule: "3" }, result: { success: 1, failed: 1, total: 1 } },
      "Batch 7 of schedule 3: its archive failed; see hitagi batch report 7 --failed",
    ],
    ["a batch that failed whole", { result: crashed }, "run_batch, job 7: The plugin is gone."],
    [
      "a batch that was interrupted",
      { state: "failed", result: null, error: "The server stopped." },
      "run_batch, job 7: The server stopped.",
    ],
    [
      "a run of a schedule that failed",
      { task: "run_plugin", notes: { schedule: "3" }, result: crashed },
      "run_plugin of schedule 3, job 7: The plugin is gone.",
    ],
    ["another job that failed", { task: "run_plugin", result: crashed }, undefined],
    [
      "a batch that a person cancelled",
      { state: "failed", result: { success: 0, error: "It was cancelled.", code: "JOB_CANCELLED" } },
      undefined,
    ],
  ])("of %s", (_, more, text) => {
    expect(jobIncident(ended(more), BATCH)).toBe(text);
  });
});

test("each update that waits is told once by its version", async () => {
  const place = { registry: "REG_1700000000", registryName: "Comics" };
  const updates = [{ namespace: "echo" as const, ...place, installed: "1.0.0", update: "1.1.0" }];
  const found = await checkUpdates({ updates: async () => updates })();
  expect([...found]).toEqual([["echo@1.1.0", "echo 1.1.0 (installed: 1.0.0)"]]);
});

test("files of the library that cannot be used are told, and not those that were left out on purpose", async () => {
  const kinds = ["broken", "denied", "unreadable", "missing", "duplicate", "unsupported", "ignored"] as const;
  const problems: LibraryProblem[] = kinds.map((kind) => ({ file: `${kind}.cbz`, kind, reason: "why" }));
  const found = await checkLibrary({ problems: async () => problems })();
  expect([...found]).toEqual(kinds.slice(0, 4).map((kind) => [`${kind} ${kind}.cbz`, `${kind}.cbz: why`]));
});

test("a refusal of a signed registry is told at once, another failure after a day, and warnings with their epoch", async () => {
  const base = { id: "REG_1700000000", name: "Comics", provider: "local" } as unknown as Registry;
  const failing = (code: string, since: number): Registry => ({
    ...base,
    failure: { code, error: "It went wrong.", hint: "", at: 90_000, since },
  });
  const told = async (...registries: Registry[]) => [
    ...(await checkRegistries({ list: async () => registries }, () => 100_000)()),
  ];
  expect(await told(failing("HEAD_FORKED", 99_999))).toEqual([
    ["REG_1700000000 HEAD_FORKED", "Comics: It went wrong."],
  ]);
  expect(await told(failing("SOURCE_UNREACHABLE", 99_999))).toEqual([]);
  expect(await told(failing("SOURCE_UNREACHABLE", 13_600))).toHaveLength(1);
  const trust = { warnings: [{ code: "EPOCH_NEW", text: "New keys." }], epoch: 2 };
  expect(await told({ ...base, trust } as unknown as Registry)).toEqual([
    ["REG_1700000000 EPOCH_NEW 2", "Comics: New keys."],
  ]);
});
