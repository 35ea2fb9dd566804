import type { Client } from "@hitagi/contract";
import { carryOver } from "./carry.ts";
import type { Move } from "./move.ts";
import { movePlugins } from "./plugins.ts";
import { moveDefault, moveRegistries } from "./registries.ts";
import type { LanraragiData, Step } from "./types.ts";

export interface LanraragiImport {
  client: Client;
  foreign: LanraragiData;
  /** Whether it is done, and not only shown. */
  apply: boolean;
  result: Move["result"];
  /** Told of each step when it is done. */
  onStep?: (step: Step) => void;
}

/**
 * Brings what LANraragi keeps of plugins to a running server, through its API: registries, the default one, the plugins
 * that they installed, their settings and flags. What is there already is left alone, so that it can be repeated.
 * @throws HitagiError SERVER_UNREACHABLE, ApiError where the server lets nobody in
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
  const move: Move = {
    ...{ client, foreign, apply, result },
    registries: new Map(),
    installed: new Map(plugins.map((plugin) => [plugin.namespace, plugin])),
    perlOff: runtimes.perl !== "ok",
    planned: new Set(),
    tell: (what, name, state, note) => {
      const step: Step = { what, name, state, note };
      steps.push(step);
      onStep?.(step);
    },
  };
  await moveRegistries(move);
  await moveDefault(move);
  await movePlugins(move);
  await carryOver(move);
  return steps;
};
