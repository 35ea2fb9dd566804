import { eventKinds, quoteText, type ServerEvent, type StreamMessage } from "@hitagi/contract";
import { InvalidArgumentError } from "commander";
import { clockText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { followStream } from "../follow-stream.ts";
import { safeJson, safeLine } from "../safe-text.ts";
import type { Session } from "../session.ts";

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

const registryText = ({ name, registry }: Of<"registry">): string =>
  name === undefined ? registry : `${quoteText(name)} (${registry})`;

const textOf = (event: ServerEvent): string => {
  switch (event.kind) {
    case "job":
      return jobText(event);
    case "plugin":
      return `plugin ${event.namespace} ${event.action.replace("_", " ")} ${versions(event)}`;
    case "registry":
      return `registry ${registryText(event)} ${event.action.replace("_", " ")} ${event.outcome ?? ""}`;
    case "schedule":
      return `schedule ${event.schedule} ${event.action} (${event.title})`;
    case "archive":
      return `archive ${event.archive} ${event.action} ${quoteText(event.title)}`;
    case "policy":
      return `policy ${event.policy} ${event.action}`;
    case "server":
      return `${event.part} ${event.action}`;
  }
};

/** An event as one line: its time of day, its subject, and what happened. */
const eventLine = (event: ServerEvent): string => `${clockText(event.time)}  ${safeLine(textOf(event))}`;

const show = ({ io, json, say }: Session, message: StreamMessage): void => {
  if (message.kind === "ready") return;
  if (message.kind === "reset") say("Some events were missed. New events follow.");
  if (json) io.stdout.write(`${safeJson(message, 0)}\n`);
  else if ("action" in message) io.stdout.write(`${eventLine(message)}\n`);
};

/** Shows events and reconnects until it is stopped. */
const watch = (session: Session, { kind }: { kind?: string }): Promise<void> =>
  followStream<StreamMessage>(
    session,
    (after, signal) => session.client.streamEvents({ query: { kind, after }, signal }),
    (message) => show(session, message),
  );

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
