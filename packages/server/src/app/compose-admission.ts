import { isHitagiError, type Namespace, type Registry } from "@hitagi/contract";
import type { Logger } from "pino";
import { type AdmissionDeps, createAdmission } from "../admission/admission.ts";
import { createBlockEnforcement } from "../admission/block-enforcement.ts";
import { createBlockLists } from "../admission/block-lists.ts";
import { createIntegrity } from "../admission/integrity.ts";
import type { LoadDeps } from "../admission/load-block-list.ts";
import { createYankEnforcement } from "../admission/yank-enforcement.ts";
import type { Catalog, Registries } from "../catalog/types.ts";
import { epochSeconds } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Documents } from "../documents/documents.ts";
import { announcePatches } from "../events/announce.ts";
import type { Publish } from "../events/types.ts";
import type { Installer } from "../install/types.ts";
import type { ActiveSet } from "../plugins/registry/active.ts";
import type { Store } from "../store/types.ts";

export interface AdmissionParts extends Pick<LoadDeps, "http" | "files"> {
  documents: Documents;
  registries: Pick<Registries, "get">;
  catalog: Pick<Catalog, "yankOf">;
  isLeftOut: AdmissionDeps["isLeftOut"];
  withdrawnSince: AdmissionDeps["withdrawnSince"];
  wasSigned: AdmissionDeps["wasSigned"];
  active: ActiveSet;
  store: Store;
  publish: Publish;
  log: Logger;
}

/** The owner's rules, and what keeps plugins from running that break them. */
export const composeAdmission = (
  config: Pick<Config, "fetchTimeout" | "refreshHours">,
  {
    documents,
    registries,
    catalog,
    isLeftOut,
    withdrawnSince,
    wasSigned,
    active,
    store,
    publish,
    log,
    ...load
  }: AdmissionParts,
) => {
  const now = epochSeconds;
  const registryOf = (id: string): Promise<Registry | undefined> =>
    registries.get(id).catch((error: unknown) => {
      if (isHitagiError(error, "REGISTRY_NOT_FOUND")) return undefined;
      throw error;
    });
  const lists = createBlockLists({ ...load, documents, timeoutMs: config.fetchTimeout * 1000, now });
  const quarantining = { active: announcePatches(active, publish), store: store.plugins, log, now };
  const { yankOf } = catalog;
  const enforceYanks = createYankEnforcement({ ...quarantining, lists, yankOf });
  const blockEnforcement = createBlockEnforcement({
    ...quarantining,
    ...{ lists, registryOf, isScheduled: config.refreshHours > 0 },
  });
  return {
    blockLists: lists,
    admission: createAdmission({
      ...{ documents, lists, registryOf, yankOf, isLeftOut, withdrawnSince, wasSigned, now },
      installed: active.list,
    }),
    blockEnforcement: {
      ...blockEnforcement,
      // What the owner allows counts for both.
      enforce: async () => {
        await blockEnforcement.enforce();
        await enforceYanks();
      },
    },
    /** Quarantines what the details of a registry name as dangerous. */
    enforceYanks,
    /** Once the plugins are composed. */
    integrityOf: (
      { verify }: Pick<Installer, "verify">,
      { reload }: { reload(namespace: Namespace): Promise<unknown> },
    ) => createIntegrity({ ...quarantining, verify, reload, isStoreShared: store.shared !== undefined }),
  };
};
