import { type Static, Type } from "typebox";
import { ofRegistry } from "./registries.ts";
import { Text } from "./registry-index.ts";
import { Epoch } from "./scalars.ts";

/** Why an owner decided so. */
export const Note = Type.String({
  minLength: 1,
  maxLength: 1000,
  description: "Why, in the owner's words; shown where updates are listed.",
});

/** A plugin that its owner holds: no update goes beyond this version. */
export const Hold = Type.Object({ at: Text, note: Type.Optional(Note), since: Epoch });
export type Hold = Static<typeof Hold>;

/** A version that is not offered as an update: its owner skipped it, or rolled the plugin back from it. */
export const SkippedVersion = Type.Object({
  version: Text,
  reason: Type.Enum(["skipped", "rolled_back"]),
  note: Type.Optional(Note),
  since: Epoch,
});
export type SkippedVersion = Static<typeof SkippedVersion>;

/** What the owner of a plugin decided about its updates. */
export const UpdateChoices = Type.Object({
  hold: Type.Optional(Hold),
  skipped: Type.Optional(Type.Array(SkippedVersion)),
  /** Whether updates install themselves; absent if the rule of its registry, or of all, says so. */
  automatic: Type.Optional(Type.Boolean()),
});
export type UpdateChoices = Static<typeof UpdateChoices>;

const Clock = Type.String({ pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$" });

/** The hours of a day in which automatic updates begin; over midnight if `to` is earlier than `from`. */
export const UpdateWindow = Type.Object(
  {
    from: Clock,
    to: Clock,
    /** An IANA name, such as Europe/Berlin. */
    zone: Type.String({ minLength: 1, maxLength: 64 }),
  },
  { additionalProperties: false },
);
export type UpdateWindow = Static<typeof UpdateWindow>;

/** Which plugins update themselves, of those whose own choice does not say. All are off at first. */
export const UpdatePolicy = Type.Object({
  all: Type.Boolean(),
  /** By the id of a registry; one that is absent follows `all`. */
  registries: Type.Record(Type.String(), Type.Boolean()),
  /** Null for any time. */
  window: Type.Union([UpdateWindow, Type.Null()]),
});
export type UpdatePolicy = Static<typeof UpdatePolicy>;

/** Whether a plugin updates itself, and which choice says so. */
export const AutomaticPlugin = Type.Object({
  namespace: Type.String(),
  ...ofRegistry,
  automatic: Type.Boolean(),
  by: Type.Enum(["plugin", "registry", "all"]),
});
export type AutomaticPlugin = Static<typeof AutomaticPlugin>;

/**
 * Why a kept version is no longer installed. `held`: its owner went back, and holds the plugin at an earlier version. `replaced`: by
 * a plugin of another registry, or by a file.
 */
export const LeaveReason = Type.Enum([
  "upgraded",
  "downgraded",
  "rolled_back",
  "held",
  "replaced",
  "uninstalled",
]);
export type LeaveReason = Static<typeof LeaveReason>;

/** When and why a kept version was left. */
export const Left = Type.Object({ at: Epoch, reason: LeaveReason });
export type Left = Static<typeof Left>;
