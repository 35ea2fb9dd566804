import type { Namespace, UpgradePreview } from "@hitagi/contract";
import pLimit from "p-limit";
import type { InstallDeps } from "../deps.ts";
import { showSet } from "../requirements/show-set.ts";
import type { Preview } from "./judge-automatic.ts";
import { stopIfCancelled } from "./run-operation.ts";
import { failureOf, nothingToDo, type WantedUpgrade, wantedUpgrades } from "./wanted-upgrades.ts";

/** Upgrades that are planned at the same time. Each waits for its registry. */
const CONCURRENCY = 4;

const previewOne = async (
  deps: InstallDeps,
  preview: Preview,
  { namespace, update: found }: WantedUpgrade,
  signal: AbortSignal | undefined,
): Promise<UpgradePreview> => {
  stopIfCancelled(signal);
  if (!found) return { ...(await nothingToDo(deps, namespace)), plan: null };
  const { registry, installed: from, update: to } = found;
  const request = { namespace, registry, version: to, update: "upgrade", grant: true } as const;
  try {
    return { namespace, from, to, plan: showSet(await preview(request, signal)), error: null };
  } catch (error) {
    stopIfCancelled(signal);
    return { namespace, from, to, plan: null, error: failureOf(deps, namespace, error) };
  }
};

/** See Installer.planUpgrades. */
export const previewUpgrades = async (
  deps: InstallDeps,
  preview: Preview,
  namespaces: readonly Namespace[] | undefined,
  signal: AbortSignal | undefined,
): Promise<UpgradePreview[]> =>
  pLimit(CONCURRENCY).map(await wantedUpgrades(deps, namespaces), (wanted) =>
    previewOne(deps, preview, wanted, signal),
  );
