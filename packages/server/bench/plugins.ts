import type { Client } from "@hitagi/contract";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { type FixturePlugin, writeRegistry } from "../test/support/registry-fixture.ts";

/** A script that answers its argument. */
export const echo = (version: string): string => `export default {
  namespace: "echo", type: "script", name: "Echo", version: "${version}", author: "bench", description: "Answers",
  oneshot_arg: "Text", run(ctx) { return { said: ctx.arg }; },
};`;

const metadata = (namespace: string): string => `export default {
  namespace: "${namespace}", type: "metadata", name: "${namespace}", version: "1.0.0", author: "bench",
  description: "One of many", parameters: { suffix: { type: "string", desc: "What to add", default_value: "x" } },
  getTags(ctx) { return { tags: ["from:${namespace}"] }; },
};`;

/** Namespaces of the many plugins, for a list of a chosen length. */
export const manyNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `many-${i}`);

/** One small metadata plugin for each name. */
export const manyPlugins = (names: readonly string[]): FixturePlugin[] =>
  names.map((namespace) => ({
    namespace,
    type: "metadata",
    versions: [{ version: "1.0.0", source: metadata(namespace) }],
  }));

/** A registry folder with the echo script in many versions and `count` metadata plugins. */
export const benchRegistry = async (count: number): Promise<string> => {
  const folder = ownFolder("hitagi-bench-registry-");
  await writeRegistry(folder, [
    {
      namespace: "echo",
      type: "script",
      versions: Array.from({ length: 60 }, (_, i) => ({ version: `1.${i}.0`, source: echo(`1.${i}.0`) })),
    },
    ...manyPlugins(manyNames(count)),
  ]);
  return folder;
};

/** Adds a local registry and refreshes it; answers its id. */
export const addRegistry = async (client: Client, folder: string): Promise<string> => {
  const { id } = await client.createRegistry({ body: { name: "bench", provider: "local", path: folder } });
  await client.refreshRegistry({ params: { id } });
  return id;
};

/** Waits for a job, polling every two milliseconds by default. @throws Error if it failed */
export const finished = async (client: Client, job: number, everyMs = 2): Promise<void> => {
  for (;;) {
    const { state, result } = await client.getJobDetail({ params: { job } });
    if (state === "finished" || state === "failed") {
      const { success, error } = (result ?? {}) as { success?: number; error?: string };
      if (success !== 1) throw new Error(`job ${job} ${state}: ${error}`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};

/** Installs a plugin and waits until it is active. */
export const install = async (
  client: Client,
  registry: string,
  namespace: string,
  version?: string,
  everyMs?: number,
): Promise<void> => {
  const { job } = await client.installPlugin({ body: { namespace, registry, ...(version && { version }) } });
  await finished(client, job, everyMs);
};
