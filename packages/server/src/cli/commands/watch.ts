import { setTimeout as sleep } from "node:timers/promises";
import {
  ApiError,
  eventKinds,
  isHitagiError,
  quoteText,
  type ServerEvent,
  type StreamMessage,
} from "@hitagi/contract";
import { InvalidArgumentError } from "commander";
import type { CliCommand } from "../command.ts";
import { safeJson, safeLine } from "../safe-text.ts";
import type { Session } from "../session.ts";

/** Milliseconds before the first and, at most, before later reconnects. */
const RETRY = { first: 500, longest: 10_000 };

const kindsOf = (text: string): string => {
  const unknown = text.split(",").find((kind) => !eventKinds.some((known) => known === kind));
  if (unknown === undefined) return text;
  throw new InvalidArgumentError(`Use ${eventKinds.join(", ")}, separated by commas.`);
};

type Of<K extends ServerEvent["kind"]> = Extract<ServerEvent, { kind: K }>;

const progressOf = ({ done, total, note, step }: Record<string, string>): string =>
  [done !== undefined && total !== undefined ? `${done}/${total}` : "", note ? quoteText(note) : (step ?? "")]
    .filter(Boolean)
    .join(" ");

const jobText = ({ job, task, action, notes, outcome }: Of<"job">): string =>
  ["job", job, task, action, outcome ?? (action === "progress" ? progressOf(notes) : "")].join(" ");

const versions = ({ version, from, action }: Of<"plugin">): string => {
  if (from === null || version === null || action === "configured") return version ?? from ?? "";
  return `${from} → ${version}`;
};

const textOf = (event: ServerEvent): string => {
  switch (event.kind) {
    case "job":
      return jobText(event);
    case "plugin":
      return `plugin ${event.namespace} ${event.action.replace("_", " ")} ${versions(event)}`;
    case "registry":
      return `registry ${event.registry} ${event.action.replace("_", " ")} ${event.outcome ?? ""}`;
    case "schedule":
      return `schedule ${event.schedule} ${event.action} (${event.title})`;
    case "archive":
      return `archive ${event.archive} ${event.action} ${quoteText(event.title)}`;
  }
};

/** An event as one line: its time of day in UTC, its subject, and what happened. */
const eventLine = (event: ServerEvent): string =>
  `${new Date(event.time * 1000).toISOString().slice(11, 19)}  ${safeLine(textOf(event))}`;

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
const watch = async (session: Session, { kind }: { kind?: string }): Promise<void> => {
  const signal = session.io.signal ?? new AbortController().signal;
  let after: string | undefined;
  let pause = RETRY.first;
  for (;;) {
    const reached = (id: string): void => {
      if (after !== undefined && pause > RETRY.first) session.say("Connected again.");
      after = id;
      pause = RETRY.first;
    };
    try {
      await follow(session, { kind, after }, signal, reached);
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
export const watchCommand = (program: CliCommand): void => {
  program
    .remote(
      "watch",
      "Show what happens on the server, as it happens, until Ctrl-C; with --json one event a line.",
    )
    .examples("hitagi watch", "hitagi watch --kind plugin,registry --json")
    .option("--kind <kinds>", `only these, separated by commas: ${eventKinds.join(", ")}`, kindsOf)
    .runRemote(watch);
};
