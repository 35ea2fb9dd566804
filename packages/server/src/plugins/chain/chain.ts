import {
  type ChainStep,
  HitagiError,
  isHitagiError,
  type Namespace,
  type ShownChainStep,
  toNamespace,
} from "@hitagi/contract";
import { createKeyedMutex } from "../../async/keyed-mutex.ts";
import type { Documents } from "../../documents/documents.ts";
import type { ActivePlugin, ActivePlugins, Plugins } from "../types.ts";
import { existing } from "../use/use.ts";
import { chainDocument, type ReadSteps } from "./steps.ts";

export interface ShownChain {
  revision: number;
  steps: ShownChainStep[];
}

/** The owner's chain: which metadata plugins run on archives, in which order, and when. */
export interface Chain {
  show(): Promise<ShownChain>;
  /**
   * Replaces the chain. The conditions change first; repeating a change that failed midway completes it.
   * @param revision refuses the change if the conditions have another one; any if undefined
   * @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA, VALIDATION_FAILED (a plugin twice), DOCUMENT_CHANGED
   */
  replace(steps: readonly ChainStep[], revision: number | undefined): Promise<ShownChain>;
}

export interface ChainDeps {
  active: Pick<ActivePlugins, "get" | "list">;
  documents: Documents;
  readSteps: ReadSteps;
  configure: Plugins["configure"];
}

export const createChain = ({ active, documents, readSteps, configure }: ChainDeps): Chain => {
  const show = async (): Promise<ShownChain> => {
    const { revision } = await documents.read(chainDocument);
    const steps = await readSteps();
    return {
      revision,
      steps: steps.map(({ plugin, when, endsOnHit }) => ({
        plugin: plugin.namespace,
        name: plugin.manifest.name,
        when,
        ends_on_hit: endsOnHit,
        usable: plugin.health.state === "ok",
      })),
    };
  };

  /** @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA, VALIDATION_FAILED */
  const pluginsOf = (steps: readonly ChainStep[]): ActivePlugin[] => {
    const plugins = steps.map(({ plugin }) => existing(active, toNamespace(plugin)));
    const seen = new Set<Namespace>();
    for (const { namespace, manifest } of plugins) {
      if (manifest.type !== "metadata") throw new HitagiError("PLUGIN_NOT_METADATA", { namespace });
      if (seen.has(namespace)) {
        throw new HitagiError("VALIDATION_FAILED", { reason: `${namespace} is in the chain twice` });
      }
      seen.add(namespace);
    }
    return plugins;
  };

  /** A plugin that was removed meanwhile is no longer in the chain; the others still get their places. */
  const change = async (namespace: Namespace, flags: Parameters<Plugins["configure"]>[1]): Promise<void> => {
    await configure(namespace, flags).catch((e: unknown) => {
      if (!isHitagiError(e, "PLUGIN_NOT_FOUND")) throw e;
    });
  };

  /** Enables the plugins in this order, and disables all others. Plugins that are so already keep their priorities. */
  const order = async (plugins: readonly ActivePlugin[]): Promise<void> => {
    const wanted = plugins.map(({ namespace }) => namespace);
    const now = (await readSteps()).map(({ plugin }) => plugin.namespace);
    for (const namespace of now) if (!wanted.includes(namespace)) await change(namespace, { enabled: false });
    const left = now.filter((namespace) => wanted.includes(namespace));
    if (left.length === wanted.length && left.every((namespace, n) => namespace === wanted[n])) return;
    for (const [n, namespace] of wanted.entries()) {
      const { enabled, priority } = active.get(namespace) ?? {};
      if (enabled && priority === n + 1) continue;
      await change(namespace, { enabled: true, priority: n + 1 });
    }
  };

  const replace: Chain["replace"] = async (steps, expected) => {
    const plugins = pluginsOf(steps);
    const conditions = steps.map(({ plugin, when = {}, ends_on_hit = false }) => ({
      ...{ plugin: toNamespace(plugin), when, ends_on_hit },
    }));
    const before = (await readSteps()).map(({ plugin }) => plugin);
    const namespaces = new Set([...plugins, ...before].map(({ namespace }) => namespace));
    await documents.change(chainDocument, ({ value, revision }) => {
      if (expected !== undefined && expected !== revision) {
        throw new HitagiError("DOCUMENT_CHANGED", { name: chainDocument.name });
      }
      // A plugin that was disabled otherwise, or uninstalled, gets its conditions back when it is enabled again.
      const others = value.steps.filter(({ plugin }) => !namespaces.has(plugin));
      return { steps: [...conditions, ...others] };
    });
    await order(plugins);
    return show();
  };

  // An order is many changes of records: a second one amid the first would leave the order of neither, and a look a part of it.
  const turns = createKeyedMutex();
  return {
    show: () => turns.run("chain", show),
    replace: (steps, revision) => turns.run("chain", () => replace(steps, revision)),
  };
};
