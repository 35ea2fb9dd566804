import type { Redis } from "ioredis";

/** What a Redis has done and holds. */
export interface RedisCost {
  /** Commands, those inside of scripts too. */
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

/** What a stretch of work costs a Redis. */
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
