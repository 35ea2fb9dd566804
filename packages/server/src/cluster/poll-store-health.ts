import { isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Store } from "../store/types.ts";
import { poll } from "./poll.ts";

export interface PollStoreHealthDeps {
  store: Pick<Store, "check" | "shared">;
  log: Pick<Logger, "info" | "warn">;
  /** Milliseconds between two looks. */
  everyMs?: number | undefined;
}

/** Whoever works on hears it from each call; that a store is away is told by what asks it each second. */
const UNREACHABLE = "STORE_UNREACHABLE";

/**
 * Says in the log when a store that others set up was changed so that it may lose what it holds, or takes no changes: an owner
 * who asks nobody for `/healthz` learns of it there. Once for each fault, and when all is well again.
 * @returns stops that
 */
export const pollStoreHealth = ({ store, log, everyMs }: PollStoreHealthDeps): (() => Promise<void>) => {
  let told: string | undefined;

  const look = async (): Promise<void> => {
    const fault = await store.check().then(
      () => undefined,
      (e: unknown) => e,
    );
    if (isHitagiError(fault, UNREACHABLE)) return;
    const text = fault === undefined ? undefined : String(fault);
    if (text === told) return;
    told = text;
    if (fault === undefined) log.info("the store is fit again");
    else log.warn({ err: fault }, "the store is not as it must be");
  };
  if (store.shared === undefined) return async () => {};
  return poll(look, (err) => log.warn({ err }, "the store could not be looked at"), everyMs);
};
