import type { ArchivesCost } from "./archives.ts";
import type { NodesCost } from "./nodes.ts";
import { figure, type SlopeTable } from "./table.ts";

/** The sizes that are extrapolated to. */
const [NODES, ARCHIVES] = [100, 1_000_000];
const SECOND_US = 1e6;

/** The slope of a straight line through the first and the last of some measurements. */
const slope = <T>(costs: readonly T[], x: (cost: T) => number, y: (cost: T) => number): number => {
  const [first, last] = [costs[0], costs.at(-1)];
  return first && last ? (y(last) - y(first)) / (x(last) - x(first)) : Number.NaN;
};

/** Extrapolates the costs of many nodes and archives from those of one more. Nothing of it is measured. */
export const extrapolate = (nodes: readonly NodesCost[], archives: readonly ArchivesCost[]): SlopeTable => {
  const count = ({ nodes: n }: NodesCost): number => n;
  const commands = slope(nodes, count, ({ idleCommands }) => idleCommands);
  const idleUs = slope(nodes, count, ({ idleRedisUs }) => idleRedisUs);
  const changeUs = slope(nodes, count, ({ installRedisUs }) => installRedisUs);
  const changeAlone = (nodes[0]?.installRedisUs ?? Number.NaN) - changeUs;
  const one = archives.at(-1);
  const each = one ? one.listMs / one.archives : Number.NaN;
  const redisEach = one ? one.redisMsForList / one.archives : Number.NaN;
  const many = archives.length;
  const change = changeAlone + NODES * changeUs;
  const idle = NODES * idleUs;
  return {
    title: `Calculated for ${NODES} nodes and ${ARCHIVES.toLocaleString("en")} archives`,
    head: ["what", "how", "result"],
    rows: [
      [
        "Redis commands a second while nothing is asked",
        `${figure(commands)} a node × ${NODES}`,
        `${figure(commands * NODES)}`,
      ],
      [
        "Redis' one processor while nothing is asked",
        `${figure(idleUs)} µs a node and second × ${NODES}`,
        `${figure((100 * idle) / SECOND_US)}% busy`,
      ],
      [
        "Redis' processor for one change",
        `${figure(changeAlone)} µs + ${NODES} × ${figure(changeUs)} µs`,
        `${figure(change / 1000)} ms`,
      ],
      [
        "changes a second at which Redis is full",
        `(1 s − ${figure(idle / 1000)} ms) / ${figure(change / 1000)} ms`,
        figure((SECOND_US - idle) / change),
      ],
      [
        "list of all archives",
        `${figure(1000 * each)} µs each × ${ARCHIVES.toLocaleString("en")}`,
        `${figure((each * ARCHIVES) / 1000)} s`,
      ],
      [
        "Redis' processor for that list",
        `${figure(1000 * redisEach)} µs each × ${ARCHIVES.toLocaleString("en")}`,
        `${figure((redisEach * ARCHIVES) / 1000)} s`,
      ],
      [
        "Redis' memory for the archives",
        `${figure(one?.redisBytesEach ?? Number.NaN)} bytes each × ${ARCHIVES.toLocaleString("en")}`,
        `${figure(((one?.redisBytesEach ?? Number.NaN) * ARCHIVES) / 1024 ** 3)} GiB`,
      ],
    ],
    notes: [
      `From the slopes above, by a straight line through the first and the last of them (${nodes.length} and ${many} points).`,
    ],
  };
};
