import { HitagiError, isHitagiError } from "@hitagi/contract";
import pLimit, { type LimitFunction } from "p-limit";
import { untilAborted } from "../../async/deadline.ts";
import { HELD_UP_MS } from "../processes/held-up-calls.ts";
import type { PluginProcess } from "../processes/plugin-process.ts";
import type { CallResult, ProcessRuntimeKind } from "../processes/process-runtime.ts";
import type { CallNetwork, CallRequest, PluginCode } from "../types.ts";
import type { CallWorkspace, CallWorkspaces } from "./call-workspaces.ts";
import type { PerlLauncher } from "./launcher.ts";

const cancelled = (): HitagiError => new HitagiError("PLUGIN_CANCELLED");

/** The file that a download plugin made, by the harness's field for it. */
const filePathOf = (value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null || !("filePath" in value)) return undefined;
  return typeof value.filePath === "string" ? value.filePath : undefined;
};

const takeFile = async (
  p: PluginProcess,
  { namespace }: PluginCode,
  { takesFromEnded }: CallWorkspaces,
  workspace: CallWorkspace,
  file: string,
  request: CallRequest,
): Promise<void> => {
  if (!request.takeFile) {
    const reason =
      "it supplies the file itself and no address, so that it only works where something is downloaded";
    throw new HitagiError("PLUGIN_FAILED", { namespace, reason });
  }
  if (takesFromEnded) {
    p.kill("its file is taken");
    await p.gone;
  }
  const taken = await workspace.take(file);
  if (taken === undefined) {
    const reason = "provide_url gave a file that is not in its temporary folder";
    throw new HitagiError("PLUGIN_FAILED", { namespace, reason });
  }
  await request.takeFile(taken);
};

/** A client says only that its proxy refused a request, so that the error says why. */
const withRefusal = (
  { namespace }: PluginCode,
  error: unknown,
  network: CallNetwork | undefined,
): unknown => {
  const refused = network?.refused();
  if (!refused || !isHitagiError(error, "PLUGIN_FAILED")) return error;
  const reason = `${error.message} (${refused.message})`;
  return new HitagiError("PLUGIN_FAILED", { namespace, reason }, { cause: error });
};

const runIn = async (
  p: PluginProcess,
  workspaces: CallWorkspaces,
  code: PluginCode,
  request: CallRequest,
  workspace: CallWorkspace,
): Promise<CallResult> => {
  const { tempdir, file } = workspace;
  const context = { ...request.context, tempdir, ...(file !== undefined && { file }) };
  const value = await p.call(code, { ...request, context }, request.timeoutMs).catch((error: unknown) => {
    throw withRefusal(code, error, request.network);
  });
  const made = request.entry === "provideUrl" ? filePathOf(value) : undefined;
  if (made !== undefined) await takeFile(p, code, workspaces, workspace, made, request);
  return { value };
};

/**
 * Runs a task in its turn. A task that waits for longer than a second asks each second if it may go elsewhere.
 * @returns undefined, without running the task, once `mayMove` allowed it
 */
const inTurn = <T>(queue: LimitFunction, mayMove: () => boolean, task: () => Promise<T>) => {
  let moved = false;
  return new Promise<T | undefined>((resolve, reject) => {
    const timer = setInterval(() => {
      if (!mayMove()) return;
      moved = true;
      clearInterval(timer);
      resolve(undefined);
    }, HELD_UP_MS);
    queue(async () => {
      clearInterval(timer);
      return moved ? undefined : task();
    }).then(resolve, reject);
  });
};

/**
 * Runs the calls of Perl plugins. Perl runs one call at a time, so that the calls of a process are queued, and the time
 * limit of each begins when it runs. Calls that wait too long go to a further process. Perl cannot stop a call: its
 * process ends, and the queued calls run in the next one.
 */
export const createPerlCalls = (preparing: Promise<PerlLauncher>): ProcessRuntimeKind["callIn"] => {
  const queues = new WeakMap<PluginProcess, LimitFunction>();

  const queueOf = (p: PluginProcess): LimitFunction => {
    const queue = queues.get(p) ?? pLimit(1);
    queues.set(p, queue);
    return queue;
  };

  const run = async (
    p: PluginProcess,
    code: PluginCode,
    request: CallRequest,
  ): Promise<CallResult | undefined> => {
    if (request.signal?.aborted) throw cancelled();
    const { workspacesOf, hasChildren } = await preparing;
    const workspaces = workspacesOf(p.pid);
    if (!p.usable() || !workspaces) return undefined;
    const workspace = await workspaces.open(request);
    try {
      return await runIn(p, workspaces, code, request, workspace);
    } finally {
      if (p.inFlight() > 0) p.kill("a call of it was stopped");
      // The harness ends its children before the result, but not daemons: they end with the whole namespace.
      else if (hasChildren(p.pid)) p.kill("a call of it left processes running");
      await workspace.close();
    }
  };

  return (p, code, request) =>
    untilAborted(
      inTurn(queueOf(p), p.mayMove, () => run(p, code, request)),
      request.signal,
      cancelled,
    );
};
