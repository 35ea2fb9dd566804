import type { PluginType } from "@hitagi/contract";

/** What a new plugin is. */
export interface NewPlugin {
  /** Its namespace, and the name of its file. */
  namespace: string;
  type: PluginType;
  /** Hosts that it asks for. */
  net: readonly string[];
}

/** `my-plugin` becomes `My plugin`. */
export const displayName = (namespace: string): string => {
  const words = namespace.replaceAll(/[-_]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** The first host, as an address reaches it. */
const siteOf = ({ net: [first = "example.org"] }: NewPlugin): string => first.replace(/^\*\./, "www.");

const permissionsLine = ({ net }: NewPlugin): string =>
  net.length === 0
    ? ""
    : `\n  permissions: { net: [${net.map((host) => JSON.stringify(host)).join(", ")}] },`;

const TYPES = {
  metadata: "MetadataPlugin",
  download: "DownloadPlugin",
  login: "LoginPlugin",
  script: "ScriptPlugin",
} as const satisfies Record<PluginType, string>;

const descriptions: Record<PluginType, string> = {
  metadata: "Tags an archive with the number of its pages.",
  download: "Turns the address of a work into that of its file.",
  login: "Logs in with a token.",
  script: "Answers its argument.",
};

/** What a new plugin does. */
export const descriptionOf = (plugin: NewPlugin): string =>
  plugin.type === "metadata" && plugin.net.length > 0
    ? `Takes the tags of an archive from ${siteOf(plugin)}, and the number of its pages.`
    : descriptions[plugin.type];

const CHECKED = `if (!response.ok) throw new Error(\`The site answered \${response.status}. Try again later.\`);`;

const metadataBody = (plugin: NewPlugin): string => {
  const request = `
    const address = new URL("https://${siteOf(plugin)}/search");
    address.searchParams.set("title", ctx.archive.title);
    const response = await fetch(address, { signal: ctx.signal });
    ${CHECKED}
    const found: { tags?: string[] } = await response.json();`;
  return `async getTags(ctx) {
    const entries = await ctx.archive.entries();
    const pages = entries.filter(({ name }) => /\\.(jpe?g|png|webp)$/i.test(name));${plugin.net.length > 0 ? request : ""}
    return { tags: [\`pages:\${pages.length}\`${plugin.net.length > 0 ? ", ...(found.tags ?? [])" : ""}] };
  },`;
};

const scriptBody = (plugin: NewPlugin): string => {
  if (plugin.net.length === 0) return "run: ({ arg }) => ({ answer: arg }),";
  return `async run(ctx) {
    const response = await fetch(\`https://${siteOf(plugin)}/status?of=\${encodeURIComponent(ctx.arg)}\`, { signal: ctx.signal });
    ${CHECKED}
    return { answer: await response.json() };
  },`;
};

const escapedHost = (plugin: NewPlugin): string => siteOf(plugin).replaceAll(".", "\\\\.");

const bodies: Record<PluginType, (plugin: NewPlugin) => string> = {
  metadata: metadataBody,
  script: scriptBody,
  download: (plugin) => `url_regex: "^https://${escapedHost(plugin)}/works/(\\\\d+)$",
  provideUrl({ url }) {
    const [, id] = /\\/works\\/(\\d+)$/.exec(url) ?? [];
    if (id === undefined) throw new Error("The address names no work.");
    return { downloadUrl: \`https://${siteOf(plugin)}/files/\${id}.cbz\` };
  },`,
  login: (plugin) => `parameters,
  login({ settings }) {
    if (settings.token === "") throw new Error("Enter the access token of ${siteOf(plugin)} first.");
    return { headers: { authorization: \`Bearer \${settings.token}\` } };
  },`,
};

const declared: Record<PluginType, string> = {
  metadata: "",
  download: "",
  script: "",
  login: 'const parameters = { token: { type: "secret", desc: "Access token" } } as const;\n\n',
};

/** The source of a new plugin, which loads and does something. */
export const pluginSource = (plugin: NewPlugin): string => {
  const { namespace, type } = plugin;
  return `import type { ${TYPES[type]} } from "@hitagi/sdk";

${declared[type]}export default {
  namespace: "${namespace}",
  type: "${type}",
  name: "${displayName(namespace)}",
  version: "1.0.0",
  author: "me",
  description: "${descriptionOf(plugin)}",${permissionsLine(plugin)}
  ${bodies[type](plugin)}
} satisfies ${TYPES[type]}${type === "login" ? "<typeof parameters>" : ""};
`;
};

const runs: Record<PluginType, (plugin: NewPlugin) => string> = {
  metadata: ({ net }) => `test("it tags the sample", async () => {
  const result = await plugin.run({ archive: "samples/comic.cbz" });
  assertTags(result, ["pages:3"${net.length > 0 ? ', "artist:someone"' : ""}]);
});

test("an archive without pages is no error", async () => {
  const result = await plugin.run({ archive: { pages: 0, title: "comic" } });
  assert.equal(result.tags[0], "pages:0");
});`,
  download: (plugin) => `test("it names the file of a work", async () => {
  const result = await plugin.run({ url: "https://${siteOf(plugin)}/works/12" });
  assert.deepEqual(result.value, { downloadUrl: "https://${siteOf(plugin)}/files/12.cbz" });
});`,
  login: () => `test("it sends the token", async () => {
  const result = await plugin.run({ settings: { token: "made up" } });
  assert.deepEqual(result.value, { cookies: [], headers: { authorization: "Bearer made up" } });
});

test("it asks for the token", async () => {
  await assert.rejects(plugin.run(), /access token/);
});`,
  script: ({ net }) => `test("it answers its argument", async () => {
  const result = await plugin.run({ arg: "hello" });
  assert.deepEqual(result.value, { answer: ${net.length > 0 ? "{ ok: true }" : '"hello"'} });
});`,
};

/** The test of a new plugin, which passes. */
export const testSource = (plugin: NewPlugin): string => `import assert from "node:assert/strict";
import { test } from "node:test";
import { ${plugin.type === "metadata" ? "assertTags, " : ""}openPlugin } from "@hitagi/sdk/testing";

const plugin = await openPlugin(new URL("./${plugin.namespace}.ts", import.meta.url));

${runs[plugin.type](plugin)}
`;

/** What the plugin is given and the site answers in the test: made up, until \`hitagi dev --live\` records the real answers. */
export const recordingSource = (plugin: NewPlugin): string => {
  const answers: Partial<Record<PluginType, object>> = {
    metadata: {
      url: `https://${siteOf(plugin)}/search?title=comic`,
      body: { json: { tags: ["artist:someone"] } },
    },
    script: { url: `https://${siteOf(plugin)}/status?of=hello`, body: { json: { ok: true } } },
  };
  const inputs: Partial<Record<PluginType, object>> = {
    download: { url: `https://${siteOf(plugin)}/works/12` },
    script: { arg: "hello" },
  };
  const [answer, input] = [plugin.net.length > 0 ? answers[plugin.type] : undefined, inputs[plugin.type]];
  const exchange = { method: "GET", status: 200, headers: { "content-type": "application/json" }, ...answer };
  const recording = { version: 1, ...(input && { inputs: [input] }), exchanges: answer ? [exchange] : [] };
  return `${JSON.stringify(recording, null, 2)}\n`;
};
