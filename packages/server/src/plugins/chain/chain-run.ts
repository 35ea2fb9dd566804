import type { ChainConditions, ChainSkip, Namespace } from "@hitagi/contract";
import type { ArchiveRecord } from "../../store/types.ts";
import type { ActivePlugin } from "../types.ts";
import { concernsArchive, mismatchOf } from "./conditions.ts";

/** An enabled metadata plugin, and when it runs. */
export interface Step {
  plugin: ActivePlugin;
  when: ChainConditions;
  endsOnHit: boolean;
}

/** One run of the chain on one archive. */
export interface ChainRun {
  /**
   * Why a step does not run; undefined if it runs.
   * @param archive reads the archive as the steps before left it
   */
  skips(
    step: Step,
    archive: () => Promise<Pick<ArchiveRecord, "file" | "tags">>,
  ): Promise<ChainSkip | undefined>;
  /** Notes that a step ran. @param found whether it found something, new or not @returns whether the chain ends with it */
  ran(step: Step, found: boolean): boolean;
}

export const startChain = (): ChainRun => {
  let foundBy: Namespace | undefined;
  let endedBy: Namespace | undefined;
  return {
    async skips({ when }, archive) {
      if (endedBy !== undefined) {
        return { code: "chain-ended", text: `${endedBy} found something, which ends the chain` };
      }
      if (when.nothing_found && foundBy !== undefined) {
        return { code: "found-before", text: `${foundBy} found something before` };
      }
      return concernsArchive(when) ? mismatchOf(when, await archive()) : undefined;
    },
    ran({ plugin: { namespace }, endsOnHit }, found) {
      if (!found) return false;
      foundBy ??= namespace;
      if (endsOnHit) endedBy = namespace;
      return endsOnHit;
    },
  };
};
