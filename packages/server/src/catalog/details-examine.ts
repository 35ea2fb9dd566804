import { RegistryDetails } from "@hitagi/contract";
import { recordCheck } from "../store/bad-records.ts";
import { versionKey } from "./seen-versions.ts";

/** What the rules for versions read of registry.details.json. */
export interface CheckedDetails {
  /** Why the details cannot be used; undefined where they can. */
  problem: string | undefined;
  /** The yanked versions, as {@link versionKey} writes them. */
  yanked: string[];
}

const check = recordCheck(RegistryDetails);

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
};

/** Reads registry.details.json. Details that are not valid yank nothing. */
export const examineDetails = (bytes: Buffer): CheckedDetails => {
  const value = parsed(bytes);
  if (!check.is(value)) return { problem: check.reason(value), yanked: [] };
  const yanked = Object.entries(value.plugins).flatMap(([namespace, plugin]) =>
    Object.entries(plugin.yanked ?? {}).map(([version, { sha256 }]) =>
      versionKey(namespace, version, sha256),
    ),
  );
  return { problem: undefined, yanked };
};
