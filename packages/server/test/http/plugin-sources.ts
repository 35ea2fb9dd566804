import type { PluginType } from "@hitagi/contract";
import type { FixturePlugin } from "../support/registry-fixture.ts";

/** A plugin's source with this body of its entry point. */
export const pluginText = (
  namespace: string,
  version: string,
  type: PluginType,
  entry: string,
  more = "",
): string => `
export default {
  namespace: "${namespace}", type: "${type}", name: "${namespace} plugin", version: "${version}",
  author: "tests", description: "For the tests",
  ${more}
  ${entry}
};
`;

const echo = (version: string) =>
  pluginText(
    "echo",
    version,
    "script",
    `async run(ctx) { return { version: "${version}", arg: ctx.arg }; },`,
  );

/** A script whose calls wait until one with the argument `end` comes, which ends the last of them. */
export const waiting = (namespace: string): string => {
  const run = `run: ({ arg }) =>
    arg === "end" ? (end({ waited: true }), {}) : new Promise((resolve) => { end = resolve; }),`;
  return `let end;\n${pluginText(namespace, "1.0.0", "script", run)}`;
};

/** A registry with a script of two versions, a metadata plugin with settings, and one that does not load. */
export const fixturePlugins: FixturePlugin[] = [
  {
    namespace: "echo",
    type: "script",
    versions: [
      { version: "1.0.0", source: echo("1.0.0") },
      { version: "1.1.0", source: echo("1.1.0") },
    ],
  },
  {
    namespace: "tagger",
    type: "metadata",
    versions: [
      {
        version: "1.0.0",
        source: pluginText(
          "tagger",
          "1.0.0",
          "metadata",
          `async getTags(ctx) { return { tags: ["tagged:" + ctx.settings.word, ...ctx.archive.tags], title: "T" }; },`,
          `parameters: { word: { type: "string", desc: "What to add", default_value: "yes" }, key: { type: "secret" } },
           permissions: { net: ["api.example.org"], library: "read" },`,
        ),
      },
    ],
  },
  {
    namespace: "broken",
    type: "script",
    versions: [{ version: "1.0.0", source: "throw new Error('not today');" }],
  },
];
