import { PassThrough } from "node:stream";
import { HitagiError, type JobDetail } from "@hitagi/contract";
import { expect, test } from "vitest";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { type CommandFailed, reportFailure } from "../../src/cli/failure.ts";
import { waitForJob } from "../../src/cli/job-wait.ts";
import type { Session } from "../../src/cli/session.ts";

/** A session whose server answers a job's state so many times, then no longer. */
const answering = (task: string, times: number) => {
  let err = "";
  const io = {
    stdout: { write: () => true },
    stderr: { write: (text: string) => (err += text) },
    stdin: new PassThrough(),
    env: {},
    cwd: "/",
  };
  let left = times;
  const getJobDetail = async (): Promise<Partial<JobDetail>> => {
    if (left-- <= 0) throw new HitagiError("SERVER_UNREACHABLE", { url: "http://127.0.0.1:3000" });
    return { id: 7, task, state: "active", notes: {} };
  };
  const session = { io, client: { getJobDetail } } as unknown as Session;
  return { session, io, told: () => err };
};

test.each([
  ["run_batch", /goes on when the server is started again.*`hitagi batch report 7` shows/s],
  ["install_plugin", /goes on when the server is started again.*`hitagi job show 7`/s],
  ["upgrade_plugins", /goes on when the server is started again/],
  ["sync_set", /goes on when the server is started again/],
  ["undo_batch", /goes on when the server is started again/],
  ["run_plugin", /the job is not run again: it may have done a part of its work/],
])(
  "a server that ends under %s: the command says what becomes of the work and how to look",
  async (task, fate) => {
    const { session, io, told } = answering(task, 2);
    const failure = await waitForJob(session, 7).catch((error: CommandFailed) => error);
    expect(reportFailure(io, failure)).toBe(exitCodes.unreachable);
    expect(told()).toContain(`error: The server no longer answers, and job 7 (${task}) has not ended.`);
    expect(told()).toContain("hint: `hitagi job wait 7` waits for it again once the server answers");
    expect(told()).toMatch(fate);
  },
);

test("a server that never answered is told as that", async () => {
  const { session, io, told } = answering("run_batch", 0);
  const failure = await waitForJob(session, 7).catch((error: unknown) => error);
  expect(reportFailure(io, failure)).toBe(exitCodes.unreachable);
  expect(told()).toContain("error: No Hitagi server answers at http://127.0.0.1:3000.");
});
