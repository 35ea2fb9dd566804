import { type Namespace, toNamespace } from "@hitagi/contract";
import type { PluginStore } from "../../store/types.ts";

/** A builtin that got another namespace, because its old one is that of another plugin of LANraragi. */
interface MovedBuiltin {
  from: Namespace;
  to: Namespace;
  /** The settings that only this builtin has. */
  settings: readonly string[];
}

const moved: readonly MovedBuiltin[] = [
  { from: toNamespace("copytags"), to: toNamespace("copy-archive-tags"), settings: ["copy_date_added"] },
];

/**
 * Moves the settings, flags and grants of such builtins, before the first start that finds them at their new place.
 * @param isShared whether LANraragi may use the store too: then a record without one of the settings may be its own
 */
export const moveBuiltins = async (
  store: Pick<PluginStore, "get" | "register" | "configure" | "set" | "grant">,
  isShared: boolean,
): Promise<void> => {
  for (const { from, to, settings } of moved) {
    const record = await store.get(from);
    if (!record || record.provenance || (await store.get(to))) continue;
    const { enabled, hidden, priority, granted } = record;
    const own = settings.filter((name) => Object.hasOwn(record.settings, name));
    if (isShared && own.length === 0) continue;
    await store.register(to, "metadata");
    await store.set(to, Object.fromEntries(own.map((name) => [name, record.settings[name] ?? null])));
    await store.configure(to, { enabled, hidden, priority });
    if (Object.keys(granted).length > 0) await store.grant(to, granted);
    await store.set(from, Object.fromEntries(own.map((name) => [name, null])));
    await store.configure(from, { enabled: false, hidden: false, priority: 0 });
    await store.grant(from, {});
  }
};
