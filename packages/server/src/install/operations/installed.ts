import { type CurrentState, withheldOf } from "../steps/current-state.ts";
import type { IncomingVersion } from "../steps/stage.ts";
import type { Installed } from "../types.ts";

/** The result of an operation. */
export const installedOf = (
  current: CurrentState,
  { manifest, registry, staged, granted }: IncomingVersion,
): Installed => ({
  name: manifest.name,
  namespace: manifest.namespace,
  version: manifest.version,
  from: current.version ?? null,
  registry,
  sha256: staged.sha256,
  granted,
  withheld: withheldOf(current, registry),
});
