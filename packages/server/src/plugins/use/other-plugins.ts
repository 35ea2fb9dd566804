import { HitagiError, libraryRights, type Permissions, toNamespace } from "@hitagi/contract";
import { denied } from "../../runtimes/broker/capability.ts";
import type { OtherPlugins } from "../../runtimes/types.ts";
import type { ActivePlugin, ActivePlugins, UseRequest, UseResult } from "../types.ts";

/** Plugins that call each other, one after the other. */
const MAX_DEPTH = 3;

export interface OtherPluginsDeps {
  active: Pick<ActivePlugins, "get" | "list">;
  use(request: UseRequest): Promise<UseResult>;
}

/**
 * The plugins that a plugin's call can use, in the name of the call's own caller. Crashes count against the plugin, so that it
 * cannot bring those that it calls into quarantine.
 * @param granted what is granted to the plugin at the moment
 */
export const otherPluginsOf = (
  { active, use }: OtherPluginsDeps,
  { namespace: caller }: ActivePlugin,
  granted: () => Permissions,
  { actor, job, depth = 0, through = caller }: Partial<UseRequest>,
): OtherPlugins => ({
  list: () => active.list().map(({ manifest }) => manifest),
  async use({ namespace, archive, arg }, signal) {
    const found = active.get(toNamespace(namespace));
    if (found === undefined) throw new HitagiError("PLUGIN_NOT_FOUND", { namespace });
    const { manifest } = found;
    const action = `use ${manifest.namespace}`;
    const { type } = manifest;
    if (type !== "metadata" && type !== "script") throw denied(action, `it is a ${type} plugin`);
    // A script does what it wants to, and its caller may have fewer rights.
    if (type === "script") {
      const rights = libraryRights(granted().library);
      if (!rights.includes("write")) throw denied(action, "it is a script, and library write is not granted");
      if (libraryRights(found.granted.library).includes("add") && !rights.includes("add"))
        throw denied(action, "it adds to the library, and library add is not granted");
    }
    if (depth >= MAX_DEPTH) {
      const reason = `${caller} is called by a plugin that a plugin called, and so on: at most ${MAX_DEPTH} times`;
      throw new HitagiError("CAPABILITY_LIMIT", { reason });
    }
    const request = {
      namespace: manifest.namespace,
      archive,
      arg,
      actor,
      job,
      depth: depth + 1,
      through,
      signal,
    };
    return (await use(request)).data;
  },
});
