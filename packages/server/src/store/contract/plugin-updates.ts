import type { Hold, SkippedVersion, UpdateChoices } from "@hitagi/contract";

/** A change of what an owner decided about a plugin's updates. What is undefined stays. */
export interface UpdateChange {
  /** Null lifts it. */
  hold?: Hold | null | undefined;
  /** Versions that are skipped from now on. */
  skip?: readonly SkippedVersion[] | undefined;
  /** Versions that are no longer skipped. */
  unskip?: readonly string[] | undefined;
  /** Null follows the rule of the plugin's registry, or of all. */
  automatic?: boolean | null | undefined;
}

const byVersion = (a: SkippedVersion, b: SkippedVersion): number => (a.version < b.version ? -1 : 1);

/** The choices in the one form in which records have them; undefined if there are none. */
export const normalChoices = ({
  hold,
  skipped = [],
  automatic,
}: UpdateChoices): UpdateChoices | undefined => {
  const choices = {
    ...(hold && { hold }),
    ...(skipped.length > 0 && { skipped: skipped.toSorted(byVersion) }),
    ...(automatic !== undefined && { automatic }),
  };
  return Object.keys(choices).length === 0 ? undefined : choices;
};

/** The choices after a change. */
export const changedChoices = (
  before: UpdateChoices | undefined,
  { hold, skip = [], unskip = [], automatic }: UpdateChange,
): UpdateChoices | undefined => {
  const gone = new Set([...unskip, ...skip.map(({ version }) => version)]);
  const kept = (before?.skipped ?? []).filter(({ version }) => !gone.has(version));
  return normalChoices({
    hold: hold === undefined ? before?.hold : (hold ?? undefined),
    skipped: [...kept, ...skip],
    automatic: automatic === undefined ? before?.automatic : (automatic ?? undefined),
  });
};
