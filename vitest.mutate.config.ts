import path from "node:path";
import { defineConfig } from "vitest/config";

const server = "packages/server/test";

/** The property tests run often enough here to notice a change, and not as often as in `npm test`. */
const fewerRuns = {
  name: "fewer-runs",
  enforce: "pre" as const,
  transform: (code: string, id: string) =>
    id.endsWith(".test.ts") ? code.replace(/numRuns: \d{3,}/g, "numRuns: 30") : undefined,
};

/** The tests of `npm run mutate`: those of the code that stryker.config.mjs names, without the slow ones. */
export default defineConfig({
  plugins: [fewerRuns],
  // The contract of the mutated copy, not the one that node_modules leads to.
  resolve: {
    alias: { "@hitagi/contract": path.resolve(import.meta.dirname, "packages/contract/src/index.ts") },
  },
  test: {
    include: [
      `${server}/catalog/{index-*,utc-time,version-*}.test.ts`,
      `${server}/runtimes/broker/grants.test.ts`,
      `${server}/net/{addresses,granted-hosts}.test.ts`,
      `${server}/library/archive-id.test.ts`,
      `${server}/install/recovery/{journal,finish-entry,reconcile-rules}.test.ts`,
    ],
    globalSetup: [`${server}/support/before-all-files.ts`],
    setupFiles: [`${server}/support/each-file.ts`],
    testTimeout: 30_000,
  },
});
