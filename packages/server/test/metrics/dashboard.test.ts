import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { createMetrics } from "../../src/metrics/metrics.ts";

const file = path.resolve(import.meta.dirname, "../../../../docs/grafana-dashboard.json");

interface Dashboard {
  panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
  templating: { list: { query: string }[] };
}

const dashboard = JSON.parse(readFileSync(file, "utf8")) as Dashboard;
const targets = dashboard.panels.flatMap(({ title, targets }) => targets.map((t) => ({ title, ...t })));

const metrics = createMetrics().registry.getMetricsAsArray() as unknown as {
  name: string;
  type: string;
  labelNames: string[];
}[];
/** The series of each metric: a histogram has three. */
const series = new Map(
  metrics.flatMap((m) =>
    m.type === "histogram"
      ? ["_bucket", "_sum", "_count"].map((end) => [m.name + end, m] as const)
      : [[m.name, m] as const],
  ),
);

const namesIn = (text: string): string[] =>
  [...text.matchAll(/\b(?:hitagi|process|nodejs)_\w+/g)].map(([name]) => name);

/** Labels that the scrape adds, and the bucket of a histogram. */
const ALWAYS = ["job", "instance", "le"];

test.each(targets)("$title: $expr names series and labels that exist", ({ expr, legendFormat }) => {
  const names = namesIn(expr);
  expect(names.length).toBeGreaterThan(0);
  const labels = new Set(ALWAYS);
  for (const name of names) {
    const metric = series.get(name);
    expect([...series.keys()]).toContain(name);
    for (const label of metric?.labelNames ?? []) labels.add(label);
  }
  const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/, */));
  const matched = [...expr.matchAll(/[{,](\w+)(?:=~|!=|=)/g)].map(([, label = ""]) => label);
  const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
  for (const label of [...grouped, ...matched, ...shown]) expect([...labels]).toContain(label);
});

test("every metric of the server's own stands in a panel, and the variables name ones that exist", () => {
  const used = new Set(targets.flatMap(({ expr }) => namesIn(expr)).map((name) => series.get(name)?.name));
  const own = metrics.map((m) => m.name).filter((name) => name.startsWith("hitagi_"));
  expect(own.filter((name) => !used.has(name))).toEqual([]);
  for (const { query } of dashboard.templating.list) {
    for (const name of namesIn(query)) expect(series.has(name), name).toBe(true);
  }
});
