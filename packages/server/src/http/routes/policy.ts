import { HitagiError, toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { FieldPolicyState, TagRulesState } from "../../policy/types.ts";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";

const wireTags = ({ rules, ignored, ...state }: TagRulesState) => ({
  ...state,
  rules: [...rules],
  ignored: [...ignored],
});

const wireFields = ({ plugins }: Pick<Services, "plugins">, { rules, revision }: FieldPolicyState) => {
  const names = new Map(plugins.list("all").map(({ namespace, name }) => [namespace as string, name]));
  return {
    revision,
    rules: rules.map((rule) => ({ ...rule, name: names.get(rule.plugin ?? "") ?? null })),
  };
};

/** The rules for fields, with the names of the plugins. */
export const describeFieldPolicy = async (services: Pick<Services, "policy" | "plugins">) =>
  wireFields(services, await services.policy.fields());

export const describeTagRules = async ({ policy }: Pick<Services, "policy">) => wireTags(await policy.tags());

/** The owner's rules for what plugins may change. */
export const policyRoutes = (app: FastifyInstance, services: Services): void => {
  const { policy, plugins, library } = services;
  const listed = () => plugins.list("all");

  /** @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA */
  const checkPlugin = (namespace: string): void => {
    const found = listed().find((plugin) => plugin.namespace === namespace);
    if (found === undefined) throw new HitagiError("PLUGIN_NOT_FOUND", { namespace });
    if (found.type !== "metadata") throw new HitagiError("PLUGIN_NOT_METADATA", { namespace });
  };

  handle(app, "getFieldPolicy", () => describeFieldPolicy(services));
  handle(app, "updateFieldPolicy", async ({ body }) => {
    const changes = body.rules.map(({ plugin, field, rule }) => ({
      plugin: plugin === null ? null : toNamespace(plugin),
      field,
      rule: rule ?? undefined,
    }));
    // A rule of a plugin that was removed can be removed too.
    for (const { plugin, rule } of changes) if (plugin !== null && rule !== undefined) checkPlugin(plugin);
    return wireFields(services, await policy.changeFields(changes, body.revision));
  });

  handle(app, "getTagRules", () => describeTagRules(services));
  handle(app, "updateTagRules", async ({ body: { revision, ...change } }) =>
    wireTags(await policy.changeTags(change, revision)),
  );
  handle(app, "tryTagRules", async ({ body: { tags = "", archive, text } }) =>
    policy.tryTags(archive === undefined ? tags : (await library.get(archive)).tags, text),
  );
};
