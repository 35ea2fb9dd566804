import { type Static, type TProperties, Type } from "typebox";
import { ArchiveId } from "./archives.ts";
import { JobState } from "./jobs.ts";
import { RegistryId } from "./registries.ts";

/** The kinds of events. */
export const eventKinds = ["job", "plugin", "registry", "archive", "schedule", "policy", "server"] as const;
export type EventKind = (typeof eventKinds)[number];

const event = <K extends EventKind, A extends string, P extends TProperties>(
  kind: K,
  actions: A[],
  properties: P,
) =>
  Type.Object({
    /** The position in the stream, for `Last-Event-ID`. */
    id: Type.String(),
    /** Epoch seconds with milliseconds. */
    time: Type.Number(),
    kind: Type.Literal(kind),
    action: Type.Enum(actions),
    ...properties,
  });

const Version = Type.Union([Type.String(), Type.Null()]);

export const JobEvent = event("job", ["queued", "started", "progress", "ended"], {
  job: Type.Integer(),
  task: Type.String(),
  state: JobState,
  notes: Type.Record(Type.String(), Type.String()),
  /** `ok` or the code of the failure; null until the job has ended. */
  outcome: Type.Union([Type.String(), Type.Null()]),
});

export const PluginEvent = event(
  "plugin",
  ["installed", "upgraded", "downgraded", "rolled_back", "removed", "configured", "quarantined"],
  {
    namespace: Type.String(),
    /** The active version; null after a removal. */
    version: Version,
    /** The previously active version; null if there was none. */
    from: Version,
  },
);

export const RegistryEvent = event(
  "registry",
  ["added", "changed", "removed", "refreshed", "refresh_failed"],
  {
    registry: RegistryId,
    /** Its name; absent where the registry is gone. */
    name: Type.Optional(Type.String()),
    /** For a refresh: `changed`, `unchanged`, or the code of the failure. */
    outcome: Type.Optional(Type.String()),
  },
);

export const ArchiveEvent = event("archive", ["added", "changed", "removed"], {
  archive: ArchiveId,
  title: Type.String(),
});

/** A run is told by the events of its job, whose note `schedule` has the schedule's id. */
export const ScheduleEvent = event("schedule", ["added", "changed", "removed"], {
  schedule: Type.Integer(),
  /** The work in words, such as `run feed-watcher`. */
  title: Type.String(),
});

/** The owner's policies that have events, named as in the history. */
export const eventPolicies = [
  "fields",
  "tags",
  "updates",
  "installs",
  "blocks",
  "signatures",
  "chain",
] as const;
export type EventPolicy = (typeof eventPolicies)[number];

/** The owner changed a policy, or the conditions of the chain. That a plugin is enabled or moved is an event of the plugin. */
export const PolicyEvent = event("policy", ["changed"], {
  policy: Type.Enum([...eventPolicies]),
  /** The revision of the changed document. */
  revision: Type.Integer(),
});

/** What the owner manages of the server itself, beside its policies. */
export const serverParts = ["keys", "sessions", "receivers", "restore"] as const;
export type ServerPart = (typeof serverParts)[number];

/** The owner's keys, signed-in browsers, receivers of notifications or the waiting restore changed. It names none: every key with the scope read gets it. */
export const ServerPartEvent = event("server", ["changed"], { part: Type.Enum([...serverParts]) });

/** An event on the server. */
export const ServerEvent = Type.Union([
  JobEvent,
  PluginEvent,
  RegistryEvent,
  ArchiveEvent,
  ScheduleEvent,
  PolicyEvent,
  ServerPartEvent,
]);
export type ServerEvent = Static<typeof ServerEvent>;

/**
 * The first message of every stream, with its position. `reset` means that earlier events are lost: the position was too
 * old, or of another run of the server. The client must fetch the state again. It also occurs later, if a server was cut
 * off from the others for a long time.
 */
export const StreamStart = Type.Object({ id: Type.String(), kind: Type.Enum(["ready", "reset"]) });

/** One message of the stream. Its SSE event type is its `kind`. */
export const StreamMessage = Type.Union([StreamStart, ServerEvent]);
export type StreamMessage = Static<typeof StreamMessage>;
