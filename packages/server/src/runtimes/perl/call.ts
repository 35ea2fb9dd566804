import { HitagiError } from "@hitagi/contract";
import pLimit, { type LimitFunction } from "p-limit";
import { untilAborted } from "../../async/deadline.ts";
import type { PluginProcess } from "../processes/plugin-process.ts";
import type { ProcessRuntimeKind, Result } from "../processes/process-runtime.ts";
import type { CallRequest, PluginCode } from "../types.ts";
import type { CallWorkspace } from "./call-workspaces.ts";
import type { PerlLauncher } from "./launcher.ts";

const cancelled = (): HitagiError => new HitagiError("PLUGIN_CANCELLED");

/** The file that a download plugin says it made, by the harness's name for it. */
const fileIn = (value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null || !("filePath" in value)) return undefined;
  return typeof value.filePath === "string" ? value.filePath : undefined;
};

const hand = async (
  p: PluginProcess,
  room: CallWorkspace,
  file: string,
  { takeFile }: CallRequest,
): Promise<void> => {
  if (!takeFile) {
    const reason =
      "it supplies the file itself and no address, so that it only works where something is downloaded";
    throw new HitagiError("PLUGIN_FAILED", { reason });
  }
  p.kill("its file is taken");
  await p.gone;
  await takeFile(await room.take(file));
};

const runIn = async (
  p: PluginProcess,
  code: PluginCode,
  request: CallRequest,
  room: CallWorkspace,
): Promise<Result> => {
  const { tempdir, file } = room;
  const context = { ...request.context, tempdir, ...(file !== undefined && { file }) };
  const value = await p.call(code, { ...request, context }, request.timeoutMs);
  const made = request.entry === "provideUrl" ? fileIn(value) : undefined;
  if (made !== undefined) await hand(p, room, made, request);
  return { value };
};

/**
 * Calls of Perl plugins. Perl does one thing at a time, so that the calls of a process take turns, and the time limit of
 * each begins with its turn. A process whose call was stopped cannot be told to stop it: it ends, and the calls that
 * wait go on in the next one.
 */
export const createPerlCalls = (preparing: Promise<PerlLauncher>): ProcessRuntimeKind["callIn"] => {
  const turns = new WeakMap<PluginProcess, LimitFunction>();

  const turnOf = (p: PluginProcess): LimitFunction => {
    const known = turns.get(p) ?? pLimit(1);
    turns.set(p, known);
    return known;
  };

  const takeTurn = async (
    p: PluginProcess,
    code: PluginCode,
    request: CallRequest,
  ): Promise<Result | undefined> => {
    if (request.signal?.aborted) throw cancelled();
    const rooms = (await preparing).roomsOf(p.pid);
    if (!p.usable() || !rooms) return undefined;
    const room = await rooms.open(await request.file?.());
    try {
      return await runIn(p, code, request, room);
    } finally {
      if (p.inFlight() > 0) p.kill("a call of it was stopped");
      await room.end();
    }
  };

  return (p, code, request) =>
    untilAborted(
      turnOf(p)(() => takeTurn(p, code, request)),
      request.signal,
      cancelled,
    );
};
