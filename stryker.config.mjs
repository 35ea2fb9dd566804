/** The rules that have no input or output of their own, or that decide what survives a crash. */
const mutate = [
  "catalog/version-choice",
  "catalog/index-examine",
  "catalog/index-entry",
  "catalog/index-rules",
  "catalog/index-text",
  "runtimes/broker/grants",
  "net/addresses",
  "net/granted-hosts",
  "library/archive-id",
  "install/recovery/journal",
  "install/recovery/recover",
  "install/recovery/reconcile-plugin",
].map((file) => `packages/server/src/${file}.ts`);

export default {
  mutate,
  testRunner: "vitest",
  vitest: { configFile: "vitest.mutate.config.ts" },
  // Stryker would rewrite tsconfig.json with a compiler's API that TypeScript 7 has not; Vitest does not need it.
  tsconfigFile: "none",
  ignorePatterns: ["dist", "deploy", "docs"],
  concurrency: 1,
  coverageAnalysis: "perTest",
  timeoutMS: 20_000,
  reporters: ["clear-text", "json"],
  jsonReporter: { fileName: "node_modules/.cache/mutation.json" },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
