import type { LockedPlugin, Namespace } from "@hitagi/contract";
import type { Documents } from "../documents/documents.ts";
import { chainDocument } from "../plugins/chain/steps.ts";

type Conditions = LockedPlugin["chain"];

/** The conditions of each plugin in the chain, by namespace; without those that always run. */
export const readConditions = async (
  documents: Pick<Documents, "read">,
): Promise<ReadonlyMap<string, NonNullable<Conditions>>> => {
  const { value } = await documents.read(chainDocument);
  return new Map(
    value.steps
      .filter(({ when, ends_on_hit }) => ends_on_hit || Object.keys(when).length > 0)
      .map(({ plugin, when, ends_on_hit }) => [plugin, { when, ends_on_hit }]),
  );
};

/** Replaces the conditions of one plugin. @param conditions undefined for none */
export const setConditions = async (
  documents: Pick<Documents, "change">,
  plugin: Namespace,
  conditions: Conditions,
): Promise<void> => {
  await documents.change(chainDocument, ({ value }) => ({
    steps: [
      ...value.steps.filter((step) => step.plugin !== plugin),
      ...(conditions ? [{ plugin, ...conditions }] : []),
    ],
  }));
};
