import { HitagiError } from "@hitagi/contract";
import type { PluginCode, Runtime } from "../types.ts";
import { checkPackage } from "./package-check.ts";

const REASON = "Perl plugins are off; start the server with --perl (HITAGI_PERL=1) to run them";

/** The runtime of Perl plugins on a server without `--perl`: it recognises their files, but runs none. */
export const createDisabledPerl = (): Runtime => {
  const refuse = async ({ filename }: PluginCode): Promise<never> => {
    throw new HitagiError("RUNTIME_UNAVAILABLE", { file: filename, reason: REASON });
  };
  return {
    name: "perl",
    extensions: [".pm"],
    disabled: true,
    unavailable: async () => REASON,
    confinement: async () => ({ files: "unconfined", network: "unconfined", reason: "nothing of it is run" }),
    checkPath: checkPackage,
    vet: refuse,
    call: refuse,
    retire: () => {},
    stats: () => ({ processes: 0, standby: 0, inFlight: 0, calls: 0, crashes: 0 }),
    stop: async () => {},
  };
};
