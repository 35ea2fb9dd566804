import type { Catalog } from "../catalog/types.ts";
import type { Installer } from "../install/types.ts";
import type { Plugins } from "../plugins/types.ts";
import type { Cluster } from "./types.ts";

/** A change that begins on what is in force, and returns when it is in force on every node. */
const change =
  <A extends unknown[], T>({ ensureFresh, waitForAllNodes }: Cluster, make: (...given: A) => Promise<T>) =>
  async (...given: A): Promise<T> => {
    await ensureFresh();
    const made = await make(...given);
    await waitForAllNodes();
    return made;
  };

/** An installer whose changes are in force on every node when they return. */
export const installEverywhere = (installer: Installer, live: Cluster): Installer => ({
  ...installer,
  install: change(live, installer.install),
  upgrade: change(live, installer.upgrade),
  uninstall: change(live, installer.uninstall),
  rollback: change(live, installer.rollback),
  sideload: change(live, installer.sideload),
});

/** A catalog whose new indexes are searched on every node when a refresh returns. */
export const refreshEverywhere = (catalog: Catalog, { waitForAllNodes }: Cluster): Catalog => ({
  ...catalog,
  refresh: async (...given) => {
    const refreshed = await catalog.refresh(...given);
    if (refreshed.changed) await waitForAllNodes();
    return refreshed;
  },
});

/** Plugins whose flags, settings and grants are in force on every node when they were changed. */
export const setEverywhere = <P extends Plugins>(plugins: P, live: Cluster): P => ({
  ...plugins,
  configure: change(live, plugins.configure),
  putSettings: change(live, plugins.putSettings),
  grant: change(live, plugins.grant),
});
