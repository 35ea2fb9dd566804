import { type FixturePlugin, writeRegistry } from "../test/support/registry-fixture.ts";

/** The plugins that a run changes: scripts, and metadata plugins, which have flags. */
export const SCRIPTS = ["alpha", "beta", "gamma", "delta"] as const;
export const TAGGERS = ["omega"] as const;
export const CHANGING = [...SCRIPTS, ...TAGGERS] as const;
/** Installed once and never changed: jobs run them, and their effects are counted. */
export const COUNTER = "counter";
export const STAMPER = "stamper";

/** The setting's default. */
export const FIRST_MARK = "none";

/** A script that returns its own version and its setting. */
const script = (namespace: string, version: string): string => `export default {
  namespace: "${namespace}", type: "script", name: "${namespace}", version: "${version}", author: "chaos", description: "Says what runs",
  parameters: { mark: { type: "string", desc: "Any text", default_value: "${FIRST_MARK}" } },
  run(ctx) { return { version: "${version}", mark: ctx.settings.mark }; },
};`;

const tagger = (namespace: string, version: string): string => `export default {
  namespace: "${namespace}", type: "metadata", name: "${namespace}", version: "${version}", author: "chaos", description: "Has flags",
  parameters: { mark: { type: "string", desc: "Any text", default_value: "${FIRST_MARK}" } },
  getTags(ctx) { return { tags: ["version:${version}", "mark:" + ctx.settings.mark] }; },
};`;

/** Calls the effect counter on each run: an effect that is never undone or merged. */
const counter = (port: number): string => `export default {
  namespace: "${COUNTER}", type: "script", name: "Counter", version: "1.0.0", author: "chaos", description: "Tells that it ran",
  oneshot_arg: "Token", permissions: { net: ["127.0.0.1:${port}"] },
  async run(ctx) {
    const response = await fetch("http://127.0.0.1:${port}/" + ctx.arg);
    if (!response.ok) throw new Error("the count was not taken");
    return { counted: ctx.arg };
  },
};`;

/** Adds a tag for each job, so that a lost update of the tags is seen. */
const stamper = `export default {
  namespace: "${STAMPER}", type: "metadata", name: "Stamper", version: "1.0.0", author: "chaos", description: "Leaves a tag",
  oneshot_arg: "Token",
  getTags(ctx) { return { tags: ["stamp:" + ctx.arg] }; },
};`;

/** A registry in a folder that publishes one version at a time. */
export interface TestRegistry {
  /** The published versions of a plugin, oldest first. */
  versions(namespace: string): readonly string[];
  newest(namespace: string): string;
  /** The version that the next {@proxy publish} gives. */
  next(namespace: string): string;
  /** Publishes the next version of a plugin. Nodes offer it once they refreshed the registry. @returns the version */
  publish(namespace: string): Promise<string>;
}

/** Versions of each plugin at the start. */
const FIRST_VERSIONS = 6;

/** @param countingPort the port of the effect counter */
export const createRegistry = async (folder: string, countingPort: number): Promise<TestRegistry> => {
  const count = new Map<string, number>(CHANGING.map((name) => [name, FIRST_VERSIONS]));
  const versions = (namespace: string): string[] =>
    Array.from({ length: count.get(namespace) ?? 0 }, (_, n) => `1.${n}.0`);
  const changing = (namespace: string, type: "script" | "metadata"): FixturePlugin => ({
    namespace,
    type,
    versions: versions(namespace).map((version) => ({
      version,
      source: (type === "script" ? script : tagger)(namespace, version),
    })),
  });
  let writing: Promise<unknown> = Promise.resolve();
  const write = (): Promise<unknown> => {
    writing = writing.then(() =>
      writeRegistry(folder, [
        ...SCRIPTS.map((name) => changing(name, "script")),
        ...TAGGERS.map((name) => changing(name, "metadata")),
        {
          namespace: COUNTER,
          type: "script",
          versions: [{ version: "1.0.0", source: counter(countingPort) }],
        },
        { namespace: STAMPER, type: "metadata", versions: [{ version: "1.0.0", source: stamper }] },
      ]),
    );
    return writing;
  };
  await write();
  const newest = (namespace: string): string => versions(namespace).at(-1) ?? "";
  const next = (namespace: string): string => `1.${count.get(namespace) ?? 0}.0`;
  return {
    versions,
    newest,
    next,
    publish: async (namespace) => {
      const version = next(namespace);
      count.set(namespace, (count.get(namespace) ?? 0) + 1);
      await write();
      return version;
    },
  };
};
