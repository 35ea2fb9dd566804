import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, eventKinds, isHitagiError, type StreamMessage } from "@hitagi/contract";
import { type Command, InvalidArgumentError } from "commander";
import { serverCommand } from "../define-command.ts";
import { eventLine } from "../event-line.ts";
import type { Io } from "../io.ts";
import { safeJson } from "../safe-text.ts";
import { type Session, withSession } from "../session.ts";

interface WatchOptions {
  kind?: string;
}

/** Milliseconds before the first and, at most, before later reconnects. */
const RETRY = { first: 500, longest: 10_000 };

const kindsOf = (text: string): string => {
  const unknown = text.split(",").find((kind) => !eventKinds.some((known) => known === kind));
  if (unknown === undefined) return text;
  throw new InvalidArgumentError(`Use ${eventKinds.join(", ")}, separated by commas.`);
};

/** Whether to reconnect: after a lost connection, but not after a refusal. */
const isLost = (error: unknown): boolean =>
  error instanceof ApiError ? error.status >= 500 : isHitagiError(error) || error instanceof TypeError;

const show = ({ io, json, say }: Session, message: StreamMessage): void => {
  if (message.kind === "ready") return;
  if (message.kind === "reset") say("Some events were missed. New events follow.");
  if (json) io.stdout.write(`${safeJson(message, 0)}\n`);
  else if ("action" in message) io.stdout.write(`${eventLine(message)}\n`);
};

/** Shows the events of one connection until it ends, and reports each position. */
const follow = async (
  session: Session,
  query: { kind?: string; after?: string },
  signal: AbortSignal,
  reached: (id: string) => void,
): Promise<void> => {
  for await (const message of await session.client.streamEvents({ query, signal })) {
    reached(message.id);
    show(session, message);
  }
};

/** Shows events and reconnects until it is stopped. */
const watch = async (session: Session, { kind }: WatchOptions): Promise<void> => {
  const signal = session.io.signal ?? new AbortController().signal;
  let after: string | undefined;
  let pause = RETRY.first;
  for (;;) {
    const query = { ...(kind !== undefined && { kind }), ...(after !== undefined && { after }) };
    const reached = (id: string): void => {
      if (after !== undefined && pause > RETRY.first) session.say("Connected again.");
      after = id;
      pause = RETRY.first;
    };
    try {
      await follow(session, query, signal, reached);
    } catch (error) {
      if (signal.aborted) return;
      if (after === undefined || !isLost(error)) throw error;
    }
    if (signal.aborted) return;
    if (pause === RETRY.first) session.say("The connection ended; trying again.");
    await sleep(pause, undefined, { signal }).catch(() => {});
    pause = Math.min(pause * 2, RETRY.longest);
  }
};

/** `hitagi watch`: what happens on the server, as it happens. */
export const watchCommand = (program: Command, io: Io): void => {
  serverCommand(
    program,
    "watch",
    "Show what happens on the server, as it happens, until Ctrl-C; with --json one event a line.",
    "hitagi watch",
    "hitagi watch --kind plugin,registry --json",
  )
    .option("--kind <kinds>", `only these, separated by commas: ${eventKinds.join(", ")}`, kindsOf)
    .action(withSession(io, watch));
};
