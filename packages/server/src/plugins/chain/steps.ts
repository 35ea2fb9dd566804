import { ChainConditions, Namespace } from "@hitagi/contract";
import { Type } from "typebox";
import { type Documents, documentKind } from "../../documents/documents.ts";
import { enabledMetadata } from "../registry/active.ts";
import type { ActivePlugins } from "../types.ts";
import type { Step } from "./chain-run.ts";

/**
 * The conditions of plugins. Which plugins are enabled and in which order is in their records, where LANraragi's clients change it;
 * a plugin that is not in the document always runs, and the chain goes on after it.
 */
export const chainDocument = documentKind(
  "chain",
  Type.Object({
    steps: Type.Array(Type.Object({ plugin: Namespace, when: ChainConditions, ends_on_hit: Type.Boolean() })),
  }),
  { steps: [] },
  "chain",
);

/** The chain: the enabled metadata plugins in their order. */
export type ReadSteps = () => Promise<Step[]>;

export const createReadSteps =
  (active: Pick<ActivePlugins, "list">, documents: Pick<Documents, "read">): ReadSteps =>
  async () => {
    const { value } = await documents.read(chainDocument);
    const conditions = new Map(value.steps.map((step) => [step.plugin, step]));
    return enabledMetadata(active).map((plugin) => {
      const { when = {}, ends_on_hit = false } = conditions.get(plugin.namespace) ?? {};
      return { plugin, when, endsOnHit: ends_on_hit };
    });
  };
