import { type FixturePlugin, writeRegistry } from "../test/support/registry-fixture.ts";

/** What the trial changes all day: scripts that are called, and metadata plugins, which have flags. */
export const SCRIPTS = ["alpha", "beta", "gamma", "delta"] as const;
export const TAGGERS = ["omega"] as const;
export const CHANGING = [...SCRIPTS, ...TAGGERS] as const;
/** Installed once and left alone: what jobs run, so that their effects can be counted. */
export const COUNTER = "counter";
export const STAMPER = "stamper";

/** What a setting is before anybody sets it. */
export const FIRST_MARK = "none";

/** Answers its own version and its setting, which is all that a caller needs to know what runs. */
const script = (namespace: string, version: string): string => `export default {
  namespace: "${namespace}", type: "script", name: "${namespace}", version: "${version}", author: "trial", description: "Says what runs",
  parameters: { mark: { type: "string", desc: "Any text", default_value: "${FIRST_MARK}" } },
  run(ctx) { return { version: "${version}", mark: ctx.settings.mark }; },
};`;

const tagger = (namespace: string, version: string): string => `export default {
  namespace: "${namespace}", type: "metadata", name: "${namespace}", version: "${version}", author: "trial", description: "Has flags",
  parameters: { mark: { type: "string", desc: "Any text", default_value: "${FIRST_MARK}" } },
  getTags(ctx) { return { tags: ["version:${version}", "mark:" + ctx.settings.mark] }; },
};`;

/** Tells a web server of each run, which counts them: an effect that nothing undoes and nothing merges. */
const counter = (port: number): string => `export default {
  namespace: "${COUNTER}", type: "script", name: "Counter", version: "1.0.0", author: "trial", description: "Tells that it ran",
  oneshot_arg: "Token", permissions: { net: ["127.0.0.1:${port}"] },
  async run(ctx) {
    const response = await fetch("http://127.0.0.1:${port}/" + ctx.arg);
    if (!response.ok) throw new Error("the count was not taken");
    return { counted: ctx.arg };
  },
};`;

/** Adds a tag of its own for each job, so that one that is lost among others is missed. */
const stamper = `export default {
  namespace: "${STAMPER}", type: "metadata", name: "Stamper", version: "1.0.0", author: "trial", description: "Leaves a tag",
  oneshot_arg: "Token",
  getTags(ctx) { return { tags: ["stamp:" + ctx.arg] }; },
};`;

/** A registry in a folder, which publishes a version at a time. */
export interface TrialRegistry {
  /** What is published of a plugin, oldest first. */
  versions(namespace: string): readonly string[];
  newest(namespace: string): string;
  /** The version that the next {@link publish} gives. */
  next(namespace: string): string;
  /** Publishes the next version of a plugin and answers its number. Nobody knows of it until the registry is refreshed. */
  publish(namespace: string): Promise<string>;
}

/** Versions that there are of each plugin at first. */
const FIRST_VERSIONS = 6;

/** @param countingPort where the counter tells that it ran */
export const createRegistry = async (folder: string, countingPort: number): Promise<TrialRegistry> => {
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
