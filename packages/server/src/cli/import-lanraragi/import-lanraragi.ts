import type { ImportContext, Step } from "./context.ts";
import { importPlugins } from "./plugins.ts";
import { importDefaultRegistry, importRegistries } from "./registries.ts";
import { importSettings } from "./settings.ts";
import { importTagRules } from "./tag-rules.ts";

/**
 * Imports LANraragi's registries, default registry, plugins, settings, flags and tag rules to a running server, through its
 * API.
 * Existing items stay unchanged, so it can be repeated.
 * @param onStep called with each finished step
 * @throws HitagiError SERVER_UNREACHABLE; ApiError if the server refuses the key
 */
export const importLanraragi = async (
  input: Pick<ImportContext, "client" | "foreign" | "apply" | "result" | "agree">,
  onStep: (step: Step) => void,
): Promise<Step[]> => {
  const steps: Step[] = [];
  const { plugins } = await input.client.listInstalled({});
  const { runtimes } = await input.client.getHealth({});
  const context: ImportContext = {
    ...input,
    registries: new Map(),
    refreshed: new Set(),
    installed: new Map(plugins.map((plugin) => [plugin.namespace, plugin])),
    perlOff: runtimes.perl !== "ok",
    planned: new Set(),
    report: (what, name, state, note) => {
      const step: Step = { what, name, state, note };
      steps.push(step);
      onStep(step);
    },
  };
  await importRegistries(context);
  await importDefaultRegistry(context);
  await importPlugins(context);
  await importSettings(context);
  await importTagRules(context);
  return steps;
};
