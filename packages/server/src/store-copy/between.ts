import { HitagiError } from "@hitagi/contract";
import type { Endpoint, EndpointOptions } from "./endpoint.ts";
import { type Moved, type MoveOptions, moveStore } from "./move.ts";
import { openEndpoint } from "./open.ts";

export interface BetweenOptions extends EndpointOptions, Pick<MoveOptions, "again" | "onStep" | "complete"> {
  /** Whether the source may lack the bytes of all its kept versions; otherwise the data folder is probably a wrong one. */
  withoutBytes?: boolean;
}

/** @throws HitagiError STORE_COPY_NO_BYTES */
const refuseWithoutBytes = async ({ port, artifacts }: Endpoint): Promise<void> => {
  if ((await artifacts.list()).length > 0) return;
  for await (const { records } of port.kinds.versions.pages()) {
    if (records.length > 0) throw new HitagiError("STORE_COPY_NO_BYTES", { count: records.length });
  }
};

/**
 * Copies one store into another, while no server uses either.
 * @param from an address in the form of `HITAGI_STORE`
 * @throws HitagiError STORE_NOT_THERE, STORE_COPY_NO_BYTES, and what {@link moveStore} and the drivers throw
 */
export const moveBetween = async (from: string, to: string, options: BetweenOptions): Promise<Moved> => {
  const { again = false, onStep = () => {}, complete = async () => {}, withoutBytes = false } = options;
  // Two locks on one store would block each other.
  if (from === to) throw new HitagiError("STORE_COPY_SELF");
  const source = await openEndpoint(from, "source", options);
  try {
    if (!withoutBytes) await refuseWithoutBytes(source);
    const target = await openEndpoint(to, "target", { ...options, held: source.data });
    try {
      return await moveStore(source, target, { again, onStep, complete });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
};
