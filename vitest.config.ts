import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

/** These measure the memory of their own process, which other test files must not have filled before. */
const measuringMemory = [
  "packages/server/test/library/lanraragi/recorded.test.ts",
  "packages/server/test/attacks/a-zip-is-damaged-on-purpose.test.ts",
  "packages/server/test/attacks/a-plugin-floods-a-site-or-a-site-answers-without-end.test.ts",
  "packages/server/test/attacks/a-plugins-process-breaks-the-protocol.test.ts",
  "packages/server/test/runtimes/frames.test.ts",
  "packages/server/test/sources/http.test.ts",
];

export default defineConfig({
  test: {
    globalSetup: ["packages/server/test/support/before-all-files.ts"],
    setupFiles: ["packages/server/test/support/each-file.ts"],
    // They only end a test that hangs: a loaded machine may take long for an honest one.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 90_000 } },
    pool: "forks",
    // Tests wait for processes, servers and timers for almost half of their time.
    maxWorkers: Math.min(8, Math.ceil(availableParallelism() * 1.5)),
    reporters: ["default"],
    projects: [
      {
        extends: true,
        test: {
          name: "tests",
          include: ["packages/*/test/**/*.test.ts", "registry/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...measuringMemory],
          // The files of a worker share what they import: importing it for each of them took a third of the suite's time.
          isolate: false,
        },
      },
      { extends: true, test: { name: "memory", include: measuringMemory } },
    ],
  },
});
