import { type AgeException, HitagiError, toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import { changedPolicy, installPolicy } from "../../admission/install-policy.ts";
import type { Services } from "../../services.ts";
import { registryNames } from "../name-registries.ts";
import { handle } from "../route.ts";

/** The policy with the names of what it names. */
export const describeInstallPolicy = async (services: Services) => {
  const { value, revision } = await services.documents.read(installPolicy);
  const { age, registries: allowed, ...rules } = value;
  const nameOf = await registryNames(services);
  const exceptions: AgeException[] = [
    ...Object.entries(age.plugins).map(([id, hours]) => ({ kind: "plugin" as const, id, name: id, hours })),
    ...Object.entries(age.registries).map(([id, hours]) => ({
      kind: "registry" as const,
      id,
      name: nameOf(id),
      hours,
    })),
  ];
  return {
    revision,
    age: { hours: age.hours, manual: age.manual, exceptions },
    registries: allowed?.map((id) => ({ id, name: nameOf(id) })) ?? null,
    ...rules,
  };
};

/** The owner's rules for what may be installed, and when updates take a version. */
export const installPolicyRoutes = (app: FastifyInstance, services: Services): void => {
  const { documents, registries } = services;
  /** All names are checked before anything changes; those of what is gone can be removed. @throws HitagiError REGISTRY_NOT_FOUND */
  const checkRegistries = async (ids: readonly string[]): Promise<void> =>
    void (await Promise.all(ids.map((id) => registries.get(id))));

  handle(app, "getInstallPolicy", () => describeInstallPolicy(services));
  handle(app, "changeInstallPolicy", async ({ body: { revision: expected, age, ...rules } }) => {
    const added = Object.entries(age?.registries ?? {}).flatMap(([id, hours]) =>
      hours === null ? [] : [id],
    );
    await checkRegistries([...(rules.registries ?? []), ...added]);
    const plugins = Object.entries(age?.plugins ?? {}).map(([name, hours]) => [toNamespace(name), hours]);
    const change = { ...rules, age: age && { ...age, plugins: Object.fromEntries(plugins) } };
    await documents.change(installPolicy, ({ value, revision }) => {
      if (expected !== undefined && expected !== revision)
        throw new HitagiError("DOCUMENT_CHANGED", { name: installPolicy.name });
      return changedPolicy(value, change);
    });
    return describeInstallPolicy(services);
  });
};
