import { cleanTexts, PluginDetails, RegistryDetails, RegistryTexts } from "@hitagi/contract";
import { Clean } from "typebox/value";
import { recordCheck } from "../store/bad-records.ts";
import { versionKey } from "./seen-versions.ts";

/** What the rules for versions read of registry.details.json. */
export interface CheckedDetails {
  /** Why the details cannot be used; undefined where they can. */
  problem: string | undefined;
  /** The yanked versions, as {@link versionKey} writes them. */
  yanked: string[];
  /** Details that say no more than that. */
  yanks: Buffer;
}

/** registry.details.json in parts, so that the details of one plugin are read without all others. */
export interface DetailsParts {
  registry: RegistryTexts;
  /** The details of each plugin as JSON in UTF-8, one after the other. */
  plugins: Buffer;
  /** Where those of each plugin are, in bytes. */
  places: ReadonlyMap<string, readonly [start: number, end: number]>;
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
  const problem = check.is(value) ? undefined : check.reason(value);
  const plugins = check.is(value) ? value.plugins : {};
  const yanks = Object.entries(plugins).filter(([, { yanked }]) => yanked !== undefined);
  const yanked = yanks.flatMap(([namespace, plugin]) =>
    Object.entries(plugin.yanked ?? {}).map(([version, { sha256 }]) =>
      versionKey(namespace, version, sha256),
    ),
  );
  const onlyYanks: RegistryDetails = {
    version: 1,
    plugins: Object.fromEntries(yanks.map(([namespace, plugin]) => [namespace, { yanked: plugin.yanked }])),
  };
  return { problem, yanked, yanks: Buffer.from(JSON.stringify(onlyYanks)) };
};

/** The details of a registry that has none. */
export const noDetails: DetailsParts = { registry: {}, plugins: Buffer.alloc(0), places: new Map() };

/** Splits registry.details.json, without fields that this version does not know. Details that are not valid are none. */
export const splitDetails = (bytes: Buffer): DetailsParts => {
  const value = parsed(bytes);
  if (!check.is(value)) return noDetails;
  const pieces: Buffer[] = [];
  const places = new Map<string, [number, number]>();
  let end = 0;
  for (const [namespace, plugin] of Object.entries(value.plugins)) {
    const piece = Buffer.from(JSON.stringify(cleanTexts(Clean(PluginDetails, plugin))));
    places.set(namespace, [end, end + piece.length]);
    pieces.push(piece);
    end += piece.length;
  }
  const registry = cleanTexts(Clean(RegistryTexts, value)) as RegistryTexts;
  return { registry, plugins: Buffer.concat(pieces), places };
};
