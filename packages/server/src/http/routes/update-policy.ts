import { type AutomaticPlugin, toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { automaticOf, checkWindow, updatePolicy } from "../../updates/update-policy.ts";
import { namesById, registryNames } from "../name-registries.ts";
import { handle } from "../route.ts";

/** The policy with what it means for each installed plugin that has a registry. */
export const describeUpdatePolicy = async (services: Services) => {
  const { documents, plugins } = services;
  const { value: policy } = await documents.read(updatePolicy);
  const nameOf = await registryNames(services);
  const rows = (await plugins.records()).flatMap((plugin): AutomaticPlugin[] => {
    const { namespace, registry } = plugin;
    if (registry === null) return [];
    return [{ namespace, registry, registryName: nameOf(registry), ...automaticOf(plugin, policy) }];
  });
  return { ...policy, registryNames: namesById(nameOf, Object.keys(policy.registries)), plugins: rows };
};

/** Automatic updates: by plugin, by registry or for all, and their hours. */
export const updatePolicyRoutes = (app: FastifyInstance, services: Services): void => {
  const { documents, plugins, registries } = services;
  handle(app, "getUpdatePolicy", () => describeUpdatePolicy(services));
  handle(app, "changeUpdatePolicy", async ({ body }) => {
    const choices = Object.entries(body.plugins ?? {}).map(
      ([name, one]) => [toNamespace(name), one] as const,
    );
    const ofRegistries = Object.entries(body.registries ?? {});
    const { window = undefined, all } = body;
    if (window) checkWindow(window);
    // All names are checked before anything changes.
    await Promise.all(choices.map(([namespace]) => plugins.record(namespace)));
    await Promise.all(ofRegistries.map(([id]) => registries.get(id)));
    for (const [namespace, automatic] of choices) await plugins.changeUpdates(namespace, { automatic });
    if (all !== undefined || window !== undefined || ofRegistries.length > 0) {
      await documents.change(updatePolicy, ({ value }) => {
        const chosen = new Map(Object.entries(value.registries));
        for (const [id, automatic] of ofRegistries) {
          if (automatic === null) chosen.delete(id);
          else chosen.set(id, automatic);
        }
        return {
          all: all ?? value.all,
          registries: Object.fromEntries(chosen),
          window: window === undefined ? value.window : window,
        };
      });
    }
    return describeUpdatePolicy(services);
  });
};
