import type { ServerEvent } from "@hitagi/contract";
import { safeLine } from "./safe-text.ts";

type Of<K extends ServerEvent["kind"]> = Extract<ServerEvent, { kind: K }>;

const progressOf = ({ done, total, note, step }: Record<string, string>): string =>
  [done !== undefined && total !== undefined ? `${done}/${total}` : "", note ?? step ?? ""]
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
    case "archive":
      return `archive ${event.archive} ${event.action} ${event.title}`;
  }
};

/** An event as one line: its time of day in UTC, its subject, and what happened. */
export const eventLine = (event: ServerEvent): string =>
  `${new Date(event.time * 1000).toISOString().slice(11, 19)}  ${safeLine(textOf(event))}`;
