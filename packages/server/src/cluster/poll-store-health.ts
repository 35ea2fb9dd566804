import { isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { repeat } from "../async/repeat.ts";
import type { Store } from "../store/types.ts";

export interface PollStoreHealthDeps {
  store: Pick<Store, "check" | "shared">;
  log: Pick<Logger, "info" | "warn">;
  /** Milliseconds between two polls. */
  everyMs?: number | undefined;
}

/**
 * Logs when a shared store's settings became unsafe or it takes no changes, once for each fault, and when it is
 * healthy again. An owner who does not query `/healthz` learns of it so.
 * @returns stops polling
 */
export const pollStoreHealth = ({
  store,
  log,
  everyMs = 30_000,
}: PollStoreHealthDeps): (() => Promise<void>) => {
  let logged: string | undefined;

  const check = async (): Promise<void> => {
    const fault = await store.check().then(
      () => undefined,
      (e: unknown) => e,
    );
    // The coordinator logs an outage.
    if (isHitagiError(fault, "STORE_UNREACHABLE")) return;
    const text = fault === undefined ? undefined : String(fault);
    if (text === logged) return;
    logged = text;
    if (fault === undefined) log.info("the store is healthy again");
    else log.warn({ err: fault }, "the store is unhealthy");
  };
  if (store.shared === undefined) return async () => {};
  const onError = (err: unknown) => log.warn({ err }, "the store could not be checked");
  return repeat(check, { everyMs, onError });
};
