import { setTimeout as sleep } from "node:timers/promises";
import { MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { sha256Of } from "../../disk/sha256.ts";
import { KeeperError } from "../keeper-error.ts";
import type { ReadRegistryFile, RegistryContent } from "../registry-files.ts";
import type { VersionChange } from "../versions.ts";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 20_000;

export interface AwaitOptions {
  /** Milliseconds; caches of forges keep files for minutes. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Receives what is not there yet, before each wait. */
  onWait(what: string): void;
  /** Whether owners read the registry at another place, which shows it already, while there is none at this one. */
  isElsewhere?: () => Promise<boolean>;
  now?: () => number;
  wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const headText = ({ head }: RegistryContent): string =>
  head ? `head ${head.sequence} of epoch ${head.epoch}` : "no registry.head";

/** Whether a registry shows a later head than what was published, which names that one. */
const isLater = ({ head }: RegistryContent, { head: published }: RegistryContent): boolean =>
  head !== undefined &&
  published !== undefined &&
  head.epoch === published.epoch &&
  head.previous.some(({ sha256 }) => sha256 === published.sha256);

/** What of a registry is not at its address yet; undefined if all is. */
const missing = (found: RegistryContent | undefined, expected: RegistryContent): string | undefined => {
  if (!found) return "it shows no registry.json yet";
  if (isLater(found, expected)) return undefined;
  if (found.head?.sha256 !== expected.head?.sha256)
    return `it still shows ${headText(found)}, and ${headText(expected)} was published`;
  if (found.indexHash !== expected.indexHash) return "registry.json is still the one before";
  return found.detailsHash === expected.detailsHash
    ? undefined
    : "registry.details.json is still the one before";
};

/**
 * Waits until a registry's address shows what was published, as an owner's server reads it.
 * @param look reads what the address shows now; undefined if it is clearly no registry
 * @returns whether the address shows it; false if there is no registry, and owners read it elsewhere
 * @throws KeeperError if it does not in time
 */
export const awaitPublished = async (
  look: () => Promise<RegistryContent | undefined>,
  expected: RegistryContent,
  {
    timeoutMs,
    signal,
    onWait,
    isElsewhere = async () => false,
    now = Date.now,
    wait = (ms, aborted) => sleep(ms, undefined, { signal: aborted }),
  }: AwaitOptions,
): Promise<boolean> => {
  const end = now() + timeoutMs;
  for (let ms = FIRST_WAIT_MS; ; ms = Math.min(2 * ms, LONGEST_WAIT_MS)) {
    const found = await look();
    const what = missing(found, expected);
    if (what === undefined) return true;
    if (!found && (await isElsewhere())) return false;
    if (now() >= end)
      throw new KeeperError(
        `The files are published, and the address that owners read does not show them: ${what}.`,
        "A cache may keep the old file, or the place be filled later from where you publish to: look again with `hitagi registry test`. If it stays so, check `address` in keeper.json. --no-wait does not wait.",
      );
    onWait(what);
    await wait(ms, signal);
  }
};

/** The new versions whose files the address does not have with their hashes. */
export const findUnpublished = async (
  read: ReadRegistryFile,
  { index }: Pick<RegistryContent, "index">,
  changes: readonly VersionChange[],
): Promise<string[]> => {
  const wrong: string[] = [];
  for (const { namespace, version, sha256, change } of changes) {
    const entry = index.plugins[namespace]?.versions[version];
    if (change !== "added" || !entry) continue;
    const bytes = await read(entry.artifact, MAX_ARTIFACT_FILE_BYTES);
    if (bytes === undefined || sha256Of(bytes) !== sha256) wrong.push(entry.artifact);
  }
  return wrong;
};
