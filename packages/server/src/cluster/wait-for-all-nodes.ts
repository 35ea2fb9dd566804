import type { Catalog } from "../catalog/types.ts";
import type { Installer } from "../install/types.ts";
import type { Plugins } from "../plugins/types.ts";
import type { Live } from "./types.ts";

/** A change that begins on what is in force, and returns when it is in force on every node. */
const change =
  <A extends unknown[], T>({ current, everywhere }: Live, make: (...given: A) => Promise<T>) =>
  async (...given: A): Promise<T> => {
    await current();
    const made = await make(...given);
    await everywhere();
    return made;
  };

/** An installer whose changes are in force on every node when they return. */
export const installEverywhere = (installer: Installer, live: Live): Installer => ({
  ...installer,
  install: change(live, installer.install),
  upgrade: change(live, installer.upgrade),
  uninstall: change(live, installer.uninstall),
  rollback: change(live, installer.rollback),
  sideload: change(live, installer.sideload),
});

/** A catalog whose new indexes are searched on every node when a refresh returns. */
export const refreshEverywhere = (catalog: Catalog, { everywhere }: Live): Catalog => ({
  ...catalog,
  refresh: async (...given) => {
    const refreshed = await catalog.refresh(...given);
    if (refreshed.changed) await everywhere();
    return refreshed;
  },
});

/** Plugins whose flags, settings and grants are in force on every node when they were changed. */
export const setEverywhere = <P extends Plugins>(plugins: P, live: Live): P => ({
  ...plugins,
  configure: change(live, plugins.configure),
  putSettings: change(live, plugins.putSettings),
  grant: change(live, plugins.grant),
});
