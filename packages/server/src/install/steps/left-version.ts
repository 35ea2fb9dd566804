import type { LeaveReason, Left } from "@hitagi/contract";
import { isBeyondHold } from "../../catalog/update-choices.ts";
import { compareBuilds } from "../../catalog/version-choice.ts";
import type { Provenance, UpdateChange } from "../../store/types.ts";
import type { Change, IncomingVersion } from "./stage.ts";

const isEarlier = (after: IncomingVersion, { version }: Provenance): boolean =>
  compareBuilds(after.manifest.version, version) < 0;

const reasonOf = ({ current, after }: Change, before: Provenance): LeaveReason => {
  if (!after) return "uninstalled";
  if (isEarlier(after, before) && isBeyondHold(current.record?.updates ?? {}, before.version, false))
    return "held";
  if (after.isRestored) return "rolled_back";
  if (after.registry !== before.registry) return "replaced";
  const order = compareBuilds(after.manifest.version, before.version);
  if (order === 0) return "replaced";
  return order > 0 ? "upgraded" : "downgraded";
};

/** Why a change leaves the recorded version; undefined if it leaves none. @param now epoch seconds */
export const leftBy = (change: Change, now: number): Left | undefined => {
  const before = change.current.record?.provenance;
  if (!before || before.sha256 === change.after?.staged.sha256) return undefined;
  return { at: Math.floor(now), reason: reasonOf(change, before) };
};

/**
 * What a change decides about later updates: a version that is rolled back from is not offered again, and skipped versions up to the
 * installed one are forgotten. A removal forgets rollbacks.
 */
export const choicesBy = ({ current, after }: Change, now: number): UpdateChange => {
  const { provenance: before, updates: { skipped = [] } = {} } = current.record ?? {};
  if (!after) {
    const left = skipped.filter(({ reason }) => reason === "rolled_back");
    return left.length > 0 ? { unskip: left.map(({ version }) => version) } : {};
  }
  const passed = skipped.filter(({ version }) => compareBuilds(version, after.manifest.version) <= 0);
  const isRollback = after.isRestored && !after.isUndo && before !== undefined && isEarlier(after, before);
  return {
    unskip: passed.map(({ version }) => version),
    ...(isRollback && {
      skip: [{ version: before.version, reason: "rolled_back", since: Math.floor(now) }],
    }),
  };
};
