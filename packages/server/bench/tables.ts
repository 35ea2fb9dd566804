import { cpus, totalmem } from "node:os";
import Table from "cli-table3";
import type { Judgement } from "./guard.ts";
import type { Row } from "./measure.ts";
import { isMet, limitOf, type Target, targets } from "./targets.ts";

const number = (value: number): string =>
  value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : value < 1000 ? 1 : 0 });

const percent = (part: number): string => `${Math.round(100 * part)}%`;

const figure = ({ floor, ratio }: Row): string =>
  floor === undefined ? number(ratio) : `${ratio.toFixed(2)}×`;

const targetText = (target: Target): string => {
  const text = `${target.bound} ${number(limitOf(target))}`;
  return target.reached ? `${text} (goal ${number(target.goal)})` : text;
};

interface Cells {
  name: string;
  measured: string;
  floor: string;
  ratio: string;
  target: string;
  met: boolean;
}

const cellsOf = (row: Row): Cells => {
  const { name, value, unit, floor, spread } = row;
  const target = targets[row.id];
  return {
    name,
    measured: `${number(value)} ${unit}`,
    floor: floor === undefined ? "" : `${number(floor)} ${unit}`,
    ratio: floor === undefined ? figure(row) : `${figure(row)} ± ${percent(spread)}`,
    target: target ? targetText(target) : "none",
    met: target === undefined || isMet(target, row.ratio),
  };
};

export const machine = (): string => {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`;
};

/** How the columns of the two measurements are called. */
interface Sides {
  value: string;
  floor: string;
}
const FLOOR: Sides = { value: "measured", floor: "floor" };

const tableOf = (head: string[], rows: string[][]): string => {
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows);
  return table.toString();
};

/** The rows as a terminal shows them. */
export const terminalTable = (rows: readonly Row[], { value, floor }: Sides = FLOOR): string =>
  tableOf(
    ["what", value, floor, "ratio", "target", "met"],
    rows.map(cellsOf).map(({ met, ...cells }) => [...Object.values(cells), met ? "yes" : "NO"]),
  );

/** The rows beside the committed ratios. */
export const guardTable = (judgements: readonly Judgement[]): string =>
  tableOf(
    ["what", "ratio", "committed", "loss", ""],
    judgements.map(({ row, committed, loss, verdict }) => [
      row.name,
      cellsOf(row).ratio,
      committed === undefined ? "" : number(committed),
      percent(loss),
      verdict,
    ]),
  );

/**
 * A table of docs/benchmarks.md, with the reasons of the rows that do not reach their goal.
 * @param conditions sentences about the run, beside the machine and the date
 */
export const markdownOf = (
  rows: readonly Row[],
  { value, floor }: Sides = FLOOR,
  conditions: readonly string[] = [],
): string => {
  const lines = rows
    .map(cellsOf)
    .map(
      ({ name, measured, floor, ratio, target, met }) =>
        `| ${name} | ${measured} | ${floor} | ${ratio} | ${target} | ${met ? "yes" : "**no**"} |`,
    );
  const reasons = rows.flatMap(({ id, name }) => {
    const { goal, reached } = targets[id] ?? {};
    return reached && goal !== undefined ? [`- **${name}**, goal ${number(goal)}: ${reached.why}`] : [];
  });
  return [
    [`Machine: ${machine()}. Date: ${new Date().toISOString().slice(0, 10)}.`, ...conditions].join(" "),
    "",
    `| what | ${value} | ${floor} | ratio ± spread | target | met |`,
    "|---|---|---|---|---|---|",
    ...lines,
    "",
    ...(reasons.length > 0 ? ["Below their goals:", "", ...reasons, ""] : []),
  ].join("\n");
};
