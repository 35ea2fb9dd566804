import type { Namespace } from "@hitagi/contract";
import type { LoginSession } from "../../runtimes/types.ts";
import type { SettingValues } from "../settings.ts";
import type { ActivePlugin, ActivePlugins } from "../types.ts";

const LIFETIME_MS = 10 * 60 * 1000;

export interface SessionDeps {
  active: Pick<ActivePlugins, "get">;
  /** A new object after every change. */
  settings: (plugin: ActivePlugin) => Promise<SettingValues>;
  /** Runs a login plugin. */
  login: (plugin: ActivePlugin) => Promise<LoginSession>;
}

/** The sessions of login plugins, in memory only. */
export interface Sessions {
  /**
   * The session of a login plugin, at most ten minutes old; concurrent callers share one login. Undefined if there is no
   * such login plugin, as in LANraragi: many sites can be read without one.
   * @throws what the login throws; the next caller tries again
   */
  of(namespace: Namespace): Promise<LoginSession | undefined>;
  /** Logs in again. */
  renew(plugin: ActivePlugin): Promise<LoginSession>;
}

interface HeldSession {
  plugin: ActivePlugin;
  settings: SettingValues;
  session: Promise<LoginSession>;
  /** On the monotonic clock, in milliseconds. */
  begun: number;
}

export const createSessions = ({ active, settings, login }: SessionDeps): Sessions => {
  const held = new Map<Namespace, HeldSession>();

  /** A session is valid for the code, grants and settings that it was made with. */
  const isValid = (known: HeldSession, plugin: ActivePlugin, values: SettingValues) =>
    known.plugin.code.sha256 === plugin.code.sha256 &&
    known.plugin.granted === plugin.granted &&
    known.settings === values &&
    performance.now() - known.begun < LIFETIME_MS;

  const begin = (plugin: ActivePlugin, values: SettingValues): Promise<LoginSession> => {
    const session = login(plugin);
    const entry: HeldSession = { plugin, settings: values, session, begun: performance.now() };
    held.set(plugin.namespace, entry);
    session.catch(() => {
      if (held.get(plugin.namespace) === entry) held.delete(plugin.namespace);
    });
    return session;
  };

  return {
    async of(namespace) {
      const plugin = active.get(namespace);
      if (plugin?.manifest.type !== "login") return undefined;
      const values = await settings(plugin);
      const known = held.get(plugin.namespace);
      return known !== undefined && isValid(known, plugin, values) ? known.session : begin(plugin, values);
    },
    renew: async (plugin) => begin(plugin, await settings(plugin)),
  };
};
