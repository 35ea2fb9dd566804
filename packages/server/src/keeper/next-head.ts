import {
  type CertifiedKeys,
  type Head,
  MAX_PREVIOUS,
  signHead,
  type VerifiedHead,
  verifyHead,
} from "@hitagi/trust";
import { endedHint, endedText } from "./ended-versions.ts";
import { KeeperError } from "./keeper-error.ts";
import type { SigningKey } from "./key-file.ts";
import type { RegistryContent } from "./registry-files.ts";
import { checkHeadThere, type SignedVersions } from "./signed-versions.ts";
import { checkKey, checkPublished } from "./succession.ts";
import {
  changesBetween,
  findVersion,
  forbidden,
  type VersionChange,
  type Versions,
  versionAbove,
  versionsOf,
} from "./versions.ts";
import { withSubject } from "./with-subject.ts";

export interface NextHeadRequest {
  /** Of the folder. */
  content: RegistryContent;
  /** The versions that were signed in this epoch, and those that ended before it. */
  memory: SignedVersions;
  /** What owners see now; undefined if nothing is published, or it was not asked. */
  published: RegistryContent | undefined;
  key: SigningKey;
  /** UTC, `YYYY-MM-DDTHH:MM:SSZ`. */
  time: string;
  /** Until when the keeper promises another head. */
  renew?: string | undefined;
  /** What an owner's server has seen of the registry; none if it was not asked. */
  seen?: Versions | undefined;
  /** Whether the recovery key begins an epoch with it, so that nothing that was signed before binds it. */
  beginsEpoch?: boolean;
}

/** The head that a folder gets, and what it says for the first time. */
export interface NextHead {
  keys: CertifiedKeys;
  sequence: number;
  /** Since the last head; in a new epoch since all that was signed or published before. */
  changes: VersionChange[];
  detailsChanged: boolean;
  /** The file registry.head; undefined if the last head says all. */
  file: string | undefined;
  /** All versions that are signed then, and those that ended with earlier epochs. */
  versions: Versions;
  ended: Versions;
  /** Whether versions ended that were not known before. */
  endedGrew: boolean;
}

/** Whether what is published is of an earlier epoch than the folder's, which ended it, also what a thief published. */
const isEnded = ({ published, content }: NextHeadRequest): boolean =>
  (published?.head?.epoch ?? Number.POSITIVE_INFINITY) < (content.head?.epoch ?? 0);

const shownBy = ({ published }: NextHeadRequest): Versions =>
  published ? versionsOf(published.index, published.details) : new Map();

/** Everything that owners' servers may remember of the registry. */
const remembered = (request: NextHeadRequest): Versions => {
  const { memory, beginsEpoch = false } = request;
  const shown = !beginsEpoch && isEnded(request) ? [] : shownBy(request);
  return new Map([...shown, ...(memory.signed ?? [])]);
};

/** The versions whose numbers are not used again. What the keeper offers at the beginning of an epoch is used again by the recovery key. */
const endedBy = (request: NextHeadRequest, now: Versions): Versions => {
  const { memory, beginsEpoch = false, seen = new Map() } = request;
  const fresh = beginsEpoch ? new Map([...remembered(request), ...seen]) : shownBy(request);
  const ended = beginsEpoch || isEnded(request) ? [...fresh].filter(([, one]) => !findVersion(now, one)) : [];
  const kept = beginsEpoch
    ? [...memory.ended].filter(([, one]) => !findVersion(now, one))
    : [...memory.ended];
  return new Map([...ended, ...kept]);
};

/** @throws KeeperError for a new version that has the number of one that ended: owners may have that one's file */
const checkEnded = (request: NextHeadRequest, changes: readonly VersionChange[], now: Versions): void => {
  const { memory } = request;
  const ended = isEnded(request) ? new Map([...shownBy(request), ...memory.ended]) : memory.ended;
  for (const one of changes) {
    const other = one.change === "added" ? findVersion(ended, one) : undefined;
    if (!other || (other.sha256 === one.sha256 && !memory.ended.has(`${one.namespace} ${one.version}`)))
      continue;
    throw new KeeperError(
      `${endedText(other)}.`,
      endedHint(versionAbove(one.namespace, now, ended), other.sha256 === one.sha256),
      "VERSION_CHANGED",
    );
  }
};

const MISSING_VERSIONS =
  "Restore registry.versions.json from the last commit: it keeps which versions were signed.";

/** @throws KeeperError if it cannot be known what was signed before */
const checkMemory = ({ content, memory, published }: NextHeadRequest): void => {
  const { head } = content;
  if (!head || memory.signed || head.index === content.indexHash || published?.indexHash === head.index)
    return;
  throw new KeeperError(
    "It is not known which versions were signed before: registry.versions.json is missing.",
    MISSING_VERSIONS,
  );
};

const WORDS: Readonly<Record<string, string>> = {
  removed: "is no longer there",
  changed: "has other bytes",
  restored: "was yanked, and is offered again",
};

/** @throws KeeperError for versions that owners' servers would miss or refuse */
const checkChanges = (changes: readonly VersionChange[]): void => {
  const refused = forbidden(changes);
  const [first] = refused;
  if (!first) return;
  const more = refused.length > 1 ? `, and ${refused.length - 1} more like it` : "";
  throw new KeeperError(
    `${first.namespace} ${first.version} ${WORDS[first.change]}${more}. Owners' servers would refuse the registry.`,
    first.change === "removed"
      ? `Put it back, or withdraw it with \`hitagi registry yank ${first.namespace} ${first.version} --reason …\`.`
      : "A published version never changes. Restore its file, and publish the change under a new version.",
    first.change === "changed" ? "VERSION_CHANGED" : "VERSION_REMOVED",
  );
};

/** The head after another one, in its epoch. @throws KeeperError if no number is left, or the clock is behind */
const numberAfter = (head: VerifiedHead | undefined, time: string): Pick<Head, "sequence" | "previous"> => {
  if (!head) return { sequence: 1, previous: [] };
  if (head.sequence === Number.MAX_SAFE_INTEGER)
    throw new KeeperError(
      "The last head has the highest number that there is.",
      "Begin a new epoch with `hitagi registry recover`.",
    );
  if (time < head.time)
    throw new KeeperError(
      `The last head was signed at ${head.time}, which is later than now by this machine's clock.`,
      "Set the clock.",
    );
  const { sequence, sha256 } = head;
  return {
    sequence: sequence + 1,
    previous: [{ sequence, sha256 }, ...head.previous].slice(0, MAX_PREVIOUS),
  };
};

/**
 * Makes the next head of a registry, by the rules of owners' servers (docs/spec-head.md).
 * @throws KeeperError if the folder, the key or what is published does not allow it
 */
export const makeNextHead = (request: NextHeadRequest): NextHead => {
  const { content, published, key, time, renew } = request;
  const before = request.beginsEpoch ? undefined : content.head;
  const now = versionsOf(content.index, content.details);
  const changes = changesBetween(remembered(request), now);
  if (!request.beginsEpoch) {
    checkKey(key, before);
    checkPublished(before, published?.head);
    checkHeadThere(before, request.memory);
    checkMemory(request);
    checkChanges(changes);
    checkEnded(request, changes, now);
  }
  const ended = endedBy(request, now);
  const detailsChanged = content.detailsHash !== before?.details;
  const { keys } = key;
  const endedGrew = [...ended.keys()].some((one) => !request.memory.ended.has(one));
  const shared = { keys, changes, detailsChanged, versions: now, ended, endedGrew };
  if (before?.index === content.indexHash && !detailsChanged && renew === undefined)
    return { ...shared, sequence: before.sequence, file: undefined };
  const head: Head = {
    ...keys,
    ...numberAfter(before, time),
    time,
    index: content.indexHash,
    ...(content.detailsHash !== undefined && { details: content.detailsHash }),
    ...(renew !== undefined && { renew }),
    unknown: [],
  };
  const file = signHead(head, key.seed);
  // An owner's server would refuse what is not of the form.
  withSubject("The new head", "Correct the address that it names: https, and at most 2,000 characters.", () =>
    verifyHead(Buffer.from(file)),
  );
  return { ...shared, sequence: head.sequence, file };
};
