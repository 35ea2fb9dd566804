import type { RegistryDetails, RegistryIndex, Yank } from "@hitagi/contract";
import { KeeperError } from "../keeper-error.ts";
import { DETAILS_FILE, INDEX_FILE } from "../registry-files.ts";
import type { NewFile } from "../write-files.ts";
import { jsonText } from "./compose.ts";
import { readBuilt } from "./published.ts";

export interface YankRequest {
  namespace: string;
  version: string;
  reason: string;
  /** Installed copies are quarantined. */
  dangerous: boolean;
  /** UTC, `YYYY-MM-DDTHH:MM:SSZ`. */
  time: string;
}

const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([one]) => one !== key));

const indexWithout = (index: RegistryIndex, { namespace, version, time }: YankRequest): RegistryIndex => {
  const plugin = index.plugins[namespace];
  const versions = without(plugin?.versions ?? {}, version);
  const isLast = Object.keys(versions).length === 0;
  return {
    ...index,
    generated_at: index.generated_at > time ? index.generated_at : time,
    plugins:
      isLast || !plugin
        ? without(index.plugins, namespace)
        : { ...index.plugins, [namespace]: { ...plugin, versions } },
  };
};

const detailsWith = (
  details: RegistryDetails | undefined,
  { namespace, version }: YankRequest,
  yank: Yank,
): RegistryDetails => {
  const plugin = details?.plugins[namespace];
  const { versions, ...rest } = plugin ?? {};
  const left = without(versions ?? {}, version);
  return {
    ...details,
    version: 1,
    plugins: {
      ...details?.plugins,
      [namespace]: {
        ...rest,
        ...(Object.keys(left).length > 0 && { versions: left }),
        yanked: { ...plugin?.yanked, [version]: yank },
      },
    },
  };
};

/**
 * Withdraws a published version: it leaves registry.json, and its hash stays in the details permanently. Nothing is written.
 * @returns the files to write
 * @throws KeeperError if it is not published
 */
export const planYank = async (folder: string, request: YankRequest): Promise<NewFile[]> => {
  const { namespace, version, reason, dangerous, time } = request;
  const { index, details } = await readBuilt(folder);
  const known = details?.plugins[namespace]?.yanked?.[version];
  const sha256 = index?.plugins[namespace]?.versions[version]?.sha256;
  const isMoreDangerous = dangerous && known?.dangerous !== true;
  if (known && !isMoreDangerous)
    throw new KeeperError(
      `${namespace} ${version} was yanked at ${known.at}.`,
      "A yanked version stays yanked. Publish a new version in its place.",
    );
  const hash = sha256 ?? known?.sha256;
  if (!index || hash === undefined)
    throw new KeeperError(
      `${namespace} ${version} is not published.`,
      "See what is in registry.json; a version that is only built from a file goes with its file.",
    );
  const yank: Yank = { sha256: hash, reason, at: known?.at ?? time, ...(dangerous && { dangerous }) };
  return [
    { file: DETAILS_FILE, content: jsonText(detailsWith(details, request, yank)) },
    { file: INDEX_FILE, content: jsonText(indexWithout(index, request)) },
  ];
};
