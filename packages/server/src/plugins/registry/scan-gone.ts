import type { Namespace } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Artifacts } from "../../artifacts/types.ts";
import { runtimeFor } from "../../runtimes/runtimes.ts";
import type { PluginRecord, PluginStore, Provenance } from "../../store/types.ts";
import type { ActivePlugin } from "../types.ts";
import { isBare, type PluginFile, type PluginFolders } from "./scan-files.ts";
import { notRunning } from "./scan-plugin.ts";

export interface GoneDeps extends Pick<PluginFolders, "plugins" | "runtimes"> {
  store: Pick<PluginStore, "commit">;
  artifacts: Pick<Artifacts, "manifest" | "isHere">;
  /** Why files of records that several servers share are not here; see ScanDeps. */
  lacking?: ReadonlyMap<Namespace, string> | undefined;
  log: Pick<Logger, "warn" | "error">;
  /** Epoch seconds. */
  now: () => number;
}

interface Gone {
  record: PluginRecord;
  provenance: Provenance;
}

/**
 * Deals with recorded plugins whose file is gone. Where that is all of them, and the plugins folder is bare, its disk
 * is more likely not there than emptied: the records stay, and the plugins are listed as missing. Else they are no
 * longer installed; but one server never uninstalls for all that share the records.
 */
export const settleGone = async (
  deps: GoneDeps,
  records: PluginRecord[],
  files: PluginFile[],
): Promise<ActivePlugin[]> => {
  const present = new Set(files.map((found) => found.path));
  const installed = records.flatMap((record): Gone[] =>
    record.provenance ? [{ record, provenance: record.provenance }] : [],
  );
  const gone = installed.filter(({ provenance }) => !present.has(provenance.path));
  const { lacking } = deps;
  if (lacking)
    return listMissing(deps, gone, ({ namespace }) => lacking.get(namespace) ?? "its file is gone");
  if (gone.length > 0 && gone.length === installed.length && (await isBare(deps.plugins))) {
    return keepMissing(deps, gone);
  }
  await forgetGone(deps, gone);
  return [];
};

const keepMissing = (deps: GoneDeps, gone: Gone[]): Promise<ActivePlugin[]> => {
  const plugins = gone.map(({ record }) => record.namespace);
  deps.log.error(
    { plugins },
    "the plugins folder is empty, and every installed plugin is missing: if its disk is not mounted, mount it and start again; else install them again or uninstall them",
  );
  return listMissing(deps, gone, () => "its file is gone, and so is all else in the plugins folder");
};

const listMissing = (
  deps: GoneDeps,
  gone: Gone[],
  reasonOf: (record: PluginRecord) => string,
): Promise<ActivePlugin[]> =>
  Promise.all(
    gone.map(({ record, provenance }) => {
      const runtime = runtimeFor(deps.runtimes, provenance.path)?.name ?? "deno";
      return notRunning(deps, record, provenance, runtime, { state: "missing", reason: reasonOf(record) });
    }),
  );

/** A recorded plugin whose file is gone is no longer installed; its settings stay. */
const forgetGone = async ({ store, log, now }: GoneDeps, gone: Gone[]) => {
  for (const { record, provenance } of gone) {
    const { namespace } = record;
    await store.commit({ namespace, expect: provenance.sha256, after: undefined, now: now() });
    log.warn(
      { plugin: namespace, file: provenance.path },
      "the plugin's file is gone, so it is no longer installed; install it again, its settings are kept",
    );
  }
};
