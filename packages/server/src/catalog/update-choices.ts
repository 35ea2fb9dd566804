import { type HeldUpdate, HitagiError, type UpdateChoices } from "@hitagi/contract";
import { compareBuilds } from "./version-choice.ts";

/** Why a version is not offered, in the owner's words. */
export type Objection = Pick<HeldUpdate, "reason" | "at" | "note" | "since">;

/**
 * Whether a version is beyond the one that a plugin is held at. The versions of a generated index have no order that
 * counts, so that each other one is.
 */
export const isBeyondHold = ({ hold }: UpdateChoices, version: string, isGenerated: boolean): boolean => {
  if (hold === undefined || version === hold.at) return false;
  return isGenerated || compareBuilds(version, hold.at) > 0;
};

/**
 * What the owner's choices have against a version as an update; undefined for nothing. After a rollback, versions up to the one that
 * was left are not offered: the owner has chosen an older one over all of them.
 */
export const objectionTo = (
  choices: UpdateChoices,
  version: string,
  isGenerated: boolean,
): Objection | undefined => {
  const { hold, skipped = [] } = choices;
  if (hold && isBeyondHold(choices, version, isGenerated)) return { reason: "held", ...hold };
  const found = skipped.find(
    (one) =>
      one.version === version ||
      (one.reason === "rolled_back" && !isGenerated && compareBuilds(version, one.version) <= 0),
  );
  return (
    found && {
      reason: found.reason,
      since: found.since,
      ...(found.note !== undefined && { note: found.note }),
    }
  );
};

/** A note of the owner after a sentence. */
export const noteText = (note: string | undefined): string => (note === undefined ? "" : ` Note: ${note}`);

const REASONS = { skipped: "it is skipped", rolled_back: "the plugin was rolled back from it" } as const;

/** Why an upgrade of a plugin that its owner names installs nothing. */
export const heldError = ({ namespace, update: version, reason, at = "", note }: HeldUpdate): HitagiError =>
  reason === "held"
    ? new HitagiError("PLUGIN_HELD", { namespace, at, version, note: noteText(note) })
    : new HitagiError("UPDATE_SKIPPED", {
        namespace,
        version,
        reason: REASONS[reason],
        note: noteText(note),
      });
