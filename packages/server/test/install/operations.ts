import { type FaultPoint, faultPoints } from "../../src/install/deps.ts";
import type { Installer } from "../../src/install/types.ts";
import type { FixturePlugin } from "../support/registry-fixture.ts";
import { offered, pluginSource } from "./plugin-source.ts";

/** One operation from a known state to a known state, for tests that stop it on the way. */
export interface Operation {
  prepare?: (installer: Installer, registry: string) => Promise<unknown>;
  run: (installer: Installer, registry: string) => Promise<unknown>;
  /** The active versions before and after; undefined for none. */
  from?: string;
  to?: string;
  /** The fault points that it does not pass. */
  without: readonly FaultPoint[];
}

const source = (version: string) => pluginSource({ version });

/** The registry of these tests; its second version has another file name, so that the first's is removed. */
export const startingPoint: FixturePlugin[] = [
  {
    namespace: "echo",
    type: "script",
    versions: [
      { version: "1.0.0", source: source("1.0.0") },
      { version: "2.0.0", source: source("2.0.0"), artifact: "plugins/echo-two.ts" },
    ],
  },
];

const install =
  (version: string): Operation["run"] =>
  (installer, registry) =>
    installer.install({ namespace: "echo", registry, version });

const upload =
  (file: string, version: string): Operation["run"] =>
  (installer) =>
    installer.sideload(file, Buffer.from(source(version)), true);

const offline = ["planned", "fetched", "verified"] as const;

export const operations: Record<string, Operation> = {
  install: { run: install("1.0.0"), to: "1.0.0", without: ["removed"] },
  upgrade: { prepare: install("1.0.0"), run: install("2.0.0"), from: "1.0.0", to: "2.0.0", without: [] },
  uninstall: {
    prepare: install("1.0.0"),
    run: (installer) => installer.uninstall("echo"),
    from: "1.0.0",
    without: [...offline, "staged", "vetted", "placed"],
  },
  rollback: {
    prepare: async (installer, registry) => {
      await install("1.0.0")(installer, registry);
      await install("2.0.0")(installer, registry);
    },
    run: (installer) => installer.rollback("echo"),
    from: "2.0.0",
    to: "1.0.0",
    without: offline,
  },
  sideload: {
    prepare: upload("a.ts", "1.0.0"),
    run: upload("b.ts", "2.0.0"),
    from: "1.0.0",
    to: "2.0.0",
    without: offline,
  },
};

/** A plugin that needs a newer version of an installed one. */
export const setPlugins: FixturePlugin[] = [
  offered("app", ["1.0.0"], { requires: { plugins: { tags: "^2.0.0" } } }),
  {
    namespace: "tags",
    type: "script",
    versions: [
      { version: "1.0.0", source: pluginSource({ namespace: "tags" }) },
      {
        version: "2.0.0",
        source: pluginSource({ namespace: "tags", version: "2.0.0" }),
        artifact: "plugins/tags-two.ts",
      },
    ],
  },
];

/** Installs it, which upgrades the other one in the same transaction. */
export const installSet: Operation = {
  prepare: (installer, registry) => installer.install({ namespace: "tags", registry, version: "1.0.0" }),
  run: (installer, registry) => installer.install({ namespace: "app", registry }),
  without: [],
};

/** The fault points that an operation passes, in order. */
export const pointsOf = (name: string): FaultPoint[] =>
  faultPoints.filter((point) => !operations[name]?.without.includes(point));
