import type { VerifiedHead } from "@hitagi/trust";
import { KeeperError } from "./keeper-error.ts";
import type { SigningKey } from "./key-file.ts";
import { makeSigningKey, recoveryKey } from "./new-keys.ts";
import { makeNextHead, type NextHead } from "./next-head.ts";
import { type RegistryContent, readRegistryFolder } from "./registry-files.ts";
import { checkNoKeys, filesOf, type SignPlan } from "./sign.ts";
import { readSignedVersions } from "./signed-versions.ts";
import { checkIdentity } from "./succession.ts";
import { type Versions, versionAbove } from "./versions.ts";

export interface RecoverRequest {
  /** The recovery key's seed. */
  recovery: Buffer;
  /** What owners see now; undefined if nothing is published, or it was not asked. */
  published: RegistryContent | undefined;
  /** The highest epoch that an owner's server told, or that the keeper remembers. */
  epoch?: number | undefined;
  /** What an owner's server has seen of the registry, if it was asked. */
  seen?: Versions | undefined;
  /** The registry's name, if no head says it. */
  origin?: string | undefined;
  /** The address where the registry is from now on; null to say no longer that it moved. */
  movedTo?: string | null | undefined;
  time: string;
  renew?: string | undefined;
}

export interface RecoverPlan extends SignPlan {
  key: SigningKey;
  /** The plugins of which owners may have other files than the keeper's, each with the version that brings them the keeper's. */
  replaced: { namespace: string; next: string | undefined }[];
}

const replacedBy = ({ changes, versions, ended }: NextHead): RecoverPlan["replaced"] => {
  const differing = [
    ...changes.filter(({ change }) => change === "removed" || change === "changed"),
    ...ended.values(),
  ].map(({ namespace }) => namespace);
  const offered = new Set([...versions.values()].map(({ namespace }) => namespace));
  return [...new Set(differing)]
    .filter((namespace) => offered.has(namespace))
    .sort()
    .map((namespace) => ({ namespace, next: versionAbove(namespace, versions, ended) }));
};

const originOf = (heads: readonly VerifiedHead[], given: string | undefined): string => {
  const origin = given ?? heads[0]?.origin;
  if (origin !== undefined) return origin;
  throw new KeeperError(
    "The registry's name is not known: neither the folder nor its address has a registry.head.",
    "Give it with --origin, exactly as it was.",
  );
};

const HIGHEST =
  "Name where it is published with --address, or the highest epoch that owners have with --epoch.";

/**
 * Begins the next epoch of a registry: a new signing key, certified by the recovery key, and the epoch's first head. Nothing is written.
 * The epoch is above every one that is known, so that each server takes it. What was signed before, by this keeper or by a thief,
 * binds it no longer.
 * @throws KeeperError
 */
export const planRecovery = async (folder: string, request: RecoverRequest): Promise<RecoverPlan> => {
  const { recovery, published, time, renew } = request;
  await checkNoKeys(folder);
  const content = await readRegistryFolder(folder);
  const heads = [content.head, published?.head].filter((head) => head !== undefined);
  const origin = originOf(heads, request.origin);
  for (const head of heads) checkIdentity({ origin, recovery: recoveryKey(origin, recovery) }, head);
  const highest = Math.max(0, request.epoch ?? 0, ...heads.map(({ epoch }) => epoch));
  if (highest === 0) throw new KeeperError("It is not known which epoch was the last one.", HIGHEST);
  if (highest >= Number.MAX_SAFE_INTEGER)
    throw new KeeperError("There is no epoch after this one.", "Begin a registry with other keys.");
  const latest = heads.sort((a, b) => b.epoch - a.epoch)[0];
  const movedTo = request.movedTo === null ? undefined : (request.movedTo ?? latest?.movedTo);
  const key = makeSigningKey({ origin, epoch: highest + 1, movedTo }, recovery);
  const memory = await readSignedVersions(folder);
  const { seen } = request;
  const next: NextHead = makeNextHead({
    ...{ content, published, memory, seen, key, time, renew },
    beginsEpoch: true,
  });
  return { ...next, key, files: await filesOf(folder, next), replaced: replacedBy(next) };
};
