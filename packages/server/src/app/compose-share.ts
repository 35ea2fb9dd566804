import type { Logger } from "pino";
import { type MonitoredShare, monitorShare } from "../artifacts/shares/monitor.ts";
import { openShare } from "../artifacts/shares/shares.ts";
import type { Config } from "../config/config.ts";
import type { Network } from "../net/http-agents.ts";

/** Where the bytes of plugins are shared; undefined where that is the store. */
export const composeShare = (config: Config, network: Network): MonitoredShare | undefined => {
  const share = openShare(config, network);
  return share && monitorShare(share);
};

/**
 * Tries the share. One that is set up wrongly keeps the server from starting, before anybody relies on it; one that does not answer now
 * does not, for what is in place here needs none.
 * @throws HitagiError ARTIFACTS_UNUSABLE
 */
export const tryShare = async (
  share: Pick<MonitoredShare, "fault"> | undefined,
  log: Pick<Logger, "warn">,
): Promise<void> => {
  const fault = await share?.fault();
  if (fault?.code === "ARTIFACTS_UNUSABLE") throw fault;
  if (fault) log.warn({ err: fault }, "bytes of plugins cannot be shared now");
};
