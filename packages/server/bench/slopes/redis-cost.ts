import type { Redis } from "ioredis";

/** Counters and memory of a Redis. */
export interface RedisCost {
  /** Commands, those in scripts included. */
  commands: number;
  processorMs: number;
  memoryBytes: number;
}

const read = (info: string, field: string): number =>
  Number(new RegExp(`^${field}:([\\d.]+)`, "m").exec(info)?.[1]);

export const redisCost = async (client: Redis): Promise<RedisCost> => {
  const info = await client.info();
  return {
    commands: read(info, "total_commands_processed"),
    processorMs: 1000 * (read(info, "used_cpu_user") + read(info, "used_cpu_sys")),
    memoryBytes: read(info, "used_memory"),
  };
};

/** The cost of some work for a Redis. */
export const costOf = async (
  client: Redis,
  work: () => Promise<unknown>,
): Promise<RedisCost & { ms: number }> => {
  const before = await redisCost(client);
  const begun = performance.now();
  await work();
  const ms = performance.now() - begun;
  const after = await redisCost(client);
  return {
    ms,
    commands: after.commands - before.commands,
    processorMs: after.processorMs - before.processorMs,
    memoryBytes: after.memoryBytes - before.memoryBytes,
  };
};
