import type { Documents } from "../documents/documents.ts";
import type { Installer } from "../install/types.ts";
import { otherPluginMethods, type Plugins } from "../plugins/types.ts";
import { unchanged, wrapMethods } from "../wrap-methods.ts";
import type { Cluster } from "./types.ts";

/** Wraps a change: it begins on fresh memory, and returns when it is active on every node. */
const onAllNodes =
  ({ ensureFresh, waitForAllNodes }: Cluster) =>
  <A extends unknown[], T>(change: (...given: A) => Promise<T>) =>
  async (...given: A): Promise<T> => {
    await ensureFresh();
    const changed = await change(...given);
    await waitForAllNodes();
    return changed;
  };

/** An installer whose changes are active on every node when they return. */
export const installOnAllNodes = (installer: Installer, cluster: Cluster): Installer => {
  const change = onAllNodes(cluster);
  return wrapMethods(installer, {
    install: change,
    upgrade: change,
    uninstall: change,
    reinstall: change,
    moveToSideloaded: change,
    rollback: change,
    restoreVersion: change,
    sideload: change,
    ...unchanged("plan", "planUpgrades", "judgeAutomatic", "judgeReturns", "planRestore", "manifest"),
    ...unchanged("verify", "recover"),
    ...unchanged("reconcile", "reconcileAll", "replicateArtifacts"),
  });
};

/** Plugins whose flags, settings and grants are active on every node when a change of them returns. */
export const configureOnAllNodes = (plugins: Plugins, cluster: Cluster): Plugins => {
  const change = onAllNodes(cluster);
  return wrapMethods(plugins, {
    configure: change,
    putSettings: change,
    grant: change,
    changeUpdates: change,
    ...otherPluginMethods,
  });
};

/** Documents whose changes are read on every node when a change returns. */
export const changeOnAllNodes = (documents: Documents, cluster: Cluster): Documents => {
  const { ensureFresh, waitForAllNodes } = cluster;
  return {
    ...documents,
    change: async (kind, next) => {
      await ensureFresh();
      const changed = await documents.change(kind, next);
      await waitForAllNodes();
      return changed;
    },
  };
};
