import { isHitagiError } from "@hitagi/contract";
import { openShare } from "../artifacts/shares/shares.ts";
import { readNetwork } from "../config/network.ts";
import { type Check, ok, wrong } from "./types.ts";

/** Whether the place where servers share the bytes of plugins can be written, read and cleared, with the key that is configured. */
export const checkArtifacts: Check = async ({ config }) => {
  const share = openShare(config, readNetwork(config));
  if (!share) return [];
  const check = "artifacts";
  try {
    await share.check();
    return [ok(check, `${config.artifacts} can be written and read`)];
  } catch (e) {
    if (isHitagiError(e)) return [wrong(check, e.message, e.hint)];
    throw e;
  } finally {
    await share.close();
  }
};
