import type { BlockHit } from "@hitagi/contract";
import type { Logger } from "pino";
import { repeat, type StopRepeating } from "../async/repeat.ts";
import type { ActivePlugin, ActivePlugins } from "../plugins/types.ts";
import { liftQuarantine, type QuarantineDeps, quarantinePlugin } from "../plugins/use/quarantine.ts";
import { type BlockLists, entriesAbout, isAllowed, shownHit } from "./block-lists.ts";
import type { KnownRegistry } from "./install-policy.ts";

export interface BlockEnforcementDeps extends QuarantineDeps {
  lists: Pick<BlockLists, "read" | "refresh">;
  active: ActivePlugins;
  registryOf: (id: string) => Promise<KnownRegistry | undefined>;
  /** Whether lists are loaded again without being asked. */
  isScheduled: boolean;
  log: Pick<Logger, "warn" | "error">;
}

/** Milliseconds between two loads of the lists. */
const EVERY_MS = 3_600_000;
const FIRST_MS = 5000;

/** Keeps what the block lists name from running. */
export interface BlockEnforcement {
  start(): void;
  stop(): Promise<void>;
  /** Quarantines the installed plugins that a list blocks, and lets run again what none blocks any more. Removes nothing. */
  enforce(): Promise<void>;
  /** The installed plugins that a list names. */
  hits(): Promise<BlockHit[]>;
}

export const createBlockEnforcement = (deps: BlockEnforcementDeps): BlockEnforcement => {
  const { lists, active, registryOf, isScheduled, log } = deps;
  let stop: StopRepeating = async () => {};

  const subjectOf = async ({ namespace, code: { sha256 }, registry }: ActivePlugin) => ({
    ...{ namespace, sha256 },
    registry: registry === null ? undefined : await registryOf(registry),
  });
  /** Builtins are part of this program. */
  const installed = () => active.list().filter(({ origin }) => origin !== "builtin");

  const enforceOn = async (plugin: ActivePlugin): Promise<void> => {
    const { namespace, health } = plugin;
    const document = await lists.read();
    const [first] = entriesAbout(document, await subjectOf(plugin));
    const isBlocked = first?.entry.action === "block" && !isAllowed(document, namespace);
    const wasBlocked = health.state === "quarantined" && health.cause === "blocked";
    if (
      isBlocked &&
      (health.state === "ok" || (health.state === "quarantined" && health.cause === undefined))
    )
      await quarantinePlugin(
        deps,
        plugin,
        `the block list ${first.list} names it: ${first.entry.reason}`,
        "blocked",
      );
    if (!isBlocked && wasBlocked) await liftQuarantine(deps, namespace);
  };
  const enforce = async (): Promise<void> => {
    for (const plugin of installed()) await enforceOn(plugin);
  };

  return {
    enforce,
    hits: async () => {
      const document = await lists.read();
      const all = installed().map(async (plugin) =>
        entriesAbout(document, await subjectOf(plugin)).map((found) =>
          shownHit(document, { namespace: plugin.namespace, version: plugin.manifest.version }, found),
        ),
      );
      return (await Promise.all(all)).flat();
    },
    start() {
      if (!isScheduled) return;
      const onError = (err: unknown) => log.error({ err }, "block lists could not be loaded");
      const run = async (signal: AbortSignal): Promise<void> => {
        await lists.refresh(signal);
        await enforce();
      };
      stop = repeat(run, { everyMs: EVERY_MS, firstMs: FIRST_MS, onError });
    },
    stop: () => stop(),
  };
};
