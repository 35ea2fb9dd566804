import type { Client } from "@hitagi/contract";
import type { ImportContext } from "./context.ts";
import { importPlugins } from "./plugins.ts";
import { importDefaultRegistry, importRegistries } from "./registries.ts";
import { importSettings } from "./settings.ts";
import type { LanraragiData, Step } from "./types.ts";

export interface LanraragiImport {
  client: Client;
  foreign: LanraragiData;
  /** Whether to import, or only to show the plan. */
  apply: boolean;
  result: ImportContext["result"];
  /** Called with each finished step. */
  onStep?: (step: Step) => void;
}

/**
 * Imports LANraragi's registries, default registry, plugins, settings and flags to a running server, through its API.
 * Existing items stay unchanged, so it can be repeated.
 * @throws HitagiError SERVER_UNREACHABLE; ApiError if the server refuses the key
 */
export const importLanraragi = async ({
  client,
  foreign,
  apply,
  result,
  onStep,
}: LanraragiImport): Promise<Step[]> => {
  const steps: Step[] = [];
  const { plugins } = await client.listInstalled({});
  const { runtimes } = await client.getHealth({});
  const context: ImportContext = {
    ...{ client, foreign, apply, result },
    registries: new Map(),
    installed: new Map(plugins.map((plugin) => [plugin.namespace, plugin])),
    perlOff: runtimes.perl !== "ok",
    planned: new Set(),
    report: (what, name, state, note) => {
      const step: Step = { what, name, state, note };
      steps.push(step);
      onStep?.(step);
    },
  };
  await importRegistries(context);
  await importDefaultRegistry(context);
  await importPlugins(context);
  await importSettings(context);
  return steps;
};
