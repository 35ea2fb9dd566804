import type { Yank } from "@hitagi/contract";
import type { ActivePlugin, ActivePlugins } from "../plugins/types.ts";
import { liftQuarantine, type QuarantineDeps, quarantinePlugin } from "../plugins/use/quarantine.ts";
import type { BlockListDocument } from "./block-list-document.ts";
import type { BlockLists } from "./block-lists.ts";

/** A version of a plugin, and where it is from; null for a file. */
export interface YankSubject {
  registry: string | null;
  namespace: string;
  version: string;
  sha256: string;
}

export interface YankEnforcementDeps extends QuarantineDeps {
  lists: Pick<BlockLists, "read">;
  active: ActivePlugins;
  /** What the details of its registry say of a yanked version; undefined if it is not yanked. */
  yankOf: (subject: YankSubject) => Promise<Yank | undefined>;
}

/** Whether the owner allowed a plugin since a time. @param time epoch seconds */
export const isAllowedSince = ({ allowed }: BlockListDocument, namespace: string, time: number): boolean =>
  allowed.some((one) => one.namespace === namespace && one.since >= time);

/**
 * Whether the owner allowed a plugin after one of its versions was yanked. The keeper writes the time: one that is yet to come, or that
 * is none, does not take the owner the last word.
 * @param now epoch seconds
 */
export const isYankAllowed = (
  { allowed }: BlockListDocument,
  namespace: string,
  { at }: Yank,
  now: number,
): boolean => {
  const yanked = Date.parse(at) / 1000;
  const isPast = yanked <= now;
  return allowed.some((one) => one.namespace === namespace && (!isPast || one.since >= yanked));
};

/**
 * Quarantines installed versions that their keeper yanked as dangerous, and lets run again those that the owner allows, or that are no
 * longer named so.
 * @returns a function that does so for the plugins of one registry, or of all
 */
export const createYankEnforcement = (deps: YankEnforcementDeps) => {
  const { lists, active, yankOf } = deps;

  const enforceOn = async (plugin: ActivePlugin): Promise<void> => {
    const { namespace, registry, manifest, code, health } = plugin;
    const yank = await yankOf({ registry, namespace, version: manifest.version, sha256: code.sha256 });
    const isDangerous =
      yank?.dangerous === true && !isYankAllowed(await lists.read(), namespace, yank, deps.now());
    const wasYanked = health.cause === "yanked";
    if (yank && isDangerous && !wasYanked && health.cause === undefined)
      await quarantinePlugin(
        deps,
        plugin,
        `its keeper yanked ${manifest.version} as dangerous on ${yank.at.slice(0, 10)}: ${yank.reason}`,
        "yanked",
      );
    if (!isDangerous && wasYanked) await liftQuarantine(deps, namespace);
  };

  return async (registry?: string): Promise<void> => {
    const concerned = active.list().filter((one) => registry === undefined || one.registry === registry);
    for (const plugin of concerned) if (plugin.registry !== null) await enforceOn(plugin);
  };
};
