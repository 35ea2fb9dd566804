import type { Namespace, Verified } from "@hitagi/contract";
import type { Logger } from "pino";
import { repeat, type StopRepeating } from "../async/repeat.ts";
import { type QuarantineDeps, quarantinePlugin } from "../plugins/use/quarantine.ts";

export interface IntegrityDeps extends QuarantineDeps {
  /** Compares every installed file with its record. */
  verify: () => Promise<Verified[]>;
  /** Activates what the record and the file of a plugin are now. */
  reload: (namespace: Namespace) => Promise<unknown>;
  /** Whether other servers have files of the same records. A correct file here does not show that theirs are correct. */
  isStoreShared: boolean;
  log: Pick<Logger, "warn" | "error">;
}

const DAY_MS = 86_400_000;

/** Keeps a plugin from running whose file is not the installed one. */
export interface Integrity {
  /** Compares now, and then daily. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Quarantines the plugins whose file changed, and ends that of those whose file is the installed one again. A reinstall, an upgrade
   * or a rollback ends it too.
   */
  check(): Promise<Verified[]>;
}

export const createIntegrity = (deps: IntegrityDeps): Integrity => {
  const { active, store, verify, reload, isStoreShared, log } = deps;
  let stop: StopRepeating = async () => {};

  const judge = async ({ namespace, state }: Verified): Promise<void> => {
    const plugin = active.get(namespace);
    if (!plugin) return;
    const wasChanged = plugin.health.cause === "changed";
    if (state === "changed" && !wasChanged)
      await quarantinePlugin(deps, plugin, "its file is not the one that was installed", "changed");
    if (state === "ok" && wasChanged && !isStoreShared) {
      await store.quarantine(namespace, undefined);
      await reload(namespace);
    }
  };
  const check = async (): Promise<Verified[]> => {
    const files = await verify();
    for (const file of files) await judge(file);
    return files;
  };
  const onError = (err: unknown) =>
    log.error({ err }, "installed files could not be compared with their records");

  return {
    check,
    start: async () => {
      await check().catch(onError);
      stop = repeat(async () => void (await check()), { everyMs: DAY_MS, onError });
    },
    stop: () => stop(),
  };
};
