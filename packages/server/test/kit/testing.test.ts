import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  archiveBytes,
  assertLogged,
  assertRequests,
  assertTags,
  closeSandbox,
  openPlugin,
  PluginFailure,
} from "@hitagi/sdk/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createContainers } from "../../src/library/containers/containers.ts";
import { bundleServer } from "../support/serve-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

const main = path.resolve(import.meta.dirname, "../../src/cli/main.ts");

beforeAll(async () => {
  process.env.HITAGI_PROGRAM = await bundleServer(main);
});
afterAll(() => {
  closeSandbox();
  delete process.env.HITAGI_PROGRAM;
});

const PLUGIN = `export default {
  namespace: "tested", type: "metadata", name: "Tested", version: "1.0.0", author: "me",
  description: "Is tested.",
  parameters: { language: { type: "string", default_value: "en" } },
  permissions: { net: ["api.example.org"], library: "read" },
  async getTags({ archive, settings, library, log }) {
    log.info("looks at", archive.title);
    const names = (await archive.entries()).map(({ name }) => name);
    const others = await library.search("other");
    const response = await fetch("https://api.example.org/tags?l=" + settings.language);
    if (!response.ok) throw new Error("The site answered " + response.status);
    return { title: archive.title + "!", tags: [...(await response.json()), ...names, "others:" + others.length] };
  },
};
`;

const write = async (): Promise<string> => {
  const file = path.join(await tempFolder(), "tested.ts");
  await writeFile(file, PLUGIN);
  return file;
};

test("a plugin runs in the sandbox on a made archive, with settings, a library and recorded answers", async () => {
  const plugin = await openPlugin(await write());
  expect(plugin.manifest.version).toBe("1.0.0");
  const result = await plugin.run({
    archive: { title: "Mine", pages: ["a.png"], files: { "info.json": { a: 1 } } },
    library: [{ name: "other.cbz", pages: 2 }],
    settings: { language: "de" },
    http: [{ url: "https://api.example.org/tags?l=de", json: ["artist:a"] }],
  });
  assertTags(result, ["artist:a", "info.json", "a.png", "others:1"]);
  assertRequests(result, ["GET https://api.example.org/tags"]);
  assertLogged(result, "looks at Mine");
  expect([result.title, result.summary]).toEqual(["Mine!", undefined]);
  expect(() => assertTags(result, ["artist:b"])).toThrow(/artist:b/);
  expect(() => assertRequests(result, [])).toThrow(/api\.example\.org/);
  expect(() => assertLogged(result, "nothing")).toThrow(/looks at Mine/);
});

test("a failure rejects with the plugin's words, its code and its line", async () => {
  const plugin = await openPlugin(pathToFileURL(await write()));
  const failed = await plugin
    .run({ archive: {}, http: [{ url: "https://api.example.org/tags?l=en", status: 503 }] })
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(PluginFailure);
  expect(failed).toMatchObject({
    message: "The site answered 503",
    code: "PLUGIN_FAILED",
    requests: [{ method: "GET", url: "https://api.example.org/tags", outcome: 503 }],
    stack: expect.stringContaining("tested.ts:11:"),
  });
});

test("a plugin reads the granted files, all archives and its own file", async () => {
  const folder = await tempFolder();
  const file = path.join(folder, "reader.ts");
  await writeFile(path.join(folder, "notes.txt"), "noted");
  await writeFile(
    file,
    `export default {
      namespace: "reader", type: "metadata", name: "Reader", version: "1.0.0", author: "me", description: "Reads.",
      permissions: { files: "notes", library: "read" },
      async getTags({ archive, files, library }) {
        const [granted] = await files.granted();
        const { readAt } = await archive.open();
        const { total, archives } = await library.list();
        const names = archives.map(({ path, pages }) => path + " " + pages);
        return { tags: [await files.text(granted), new TextDecoder().decode(await readAt(0, 2)), "total:" + total, ...names] };
      },
    };`,
  );
  const plugin = await openPlugin(file);
  const given = { archive: {}, library: [{ name: "other.cbz", pages: 2 }], files: ["notes.txt"] };
  assertTags(await plugin.run(given), ["noted", "PK", "total:2", "other.cbz 2", "archive.cbz 1"]);
  await expect(plugin.run({ archive: {} })).rejects.toThrow();
  const broken = { name: "broken.cbz", bytes: new Uint8Array([80, 75]) };
  const listed = await plugin.run({ ...given, library: [broken] });
  expect(listed.tags).toContain("broken.cbz 0");
});

test("a file is an archive too, with what a library says of it", async () => {
  const file = await write();
  await writeFile(path.join(path.dirname(file), "mine.cbz"), archiveBytes({ pages: 1 }));
  const plugin = await openPlugin(file);
  const http = [{ url: "https://api.example.org/tags?l=en", json: [] }];
  const titled = await plugin.run({ archive: { file: "mine.cbz", title: "Ours", tags: ["a"] }, http });
  expect([titled.title, (await plugin.run({ archive: "mine.cbz", http })).title]).toEqual(["Ours!", "mine!"]);
});

test("a request without a recorded answer fails, and no site is asked", async () => {
  const plugin = await openPlugin(await write());
  await expect(plugin.run({ archive: {} })).rejects.toThrow(
    /recording has no answer to GET https:\/\/api\.example\.org\/tags\?l=en/,
  );
});

test("a source that does not load rejects with its place and a cure", async () => {
  const file = await write();
  await writeFile(file, 'import "none";\nexport default {};\n');
  await expect(openPlugin(file)).rejects.toThrow(
    /tested\.ts:1:8: Could not resolve "none"\nhint: .*npm install none/,
  );
});

test("the builder makes archives that a server reads, the same bytes each time", async () => {
  const made = {
    pages: 2,
    comicInfo: { Title: "A & B" },
    files: { "x/題.txt": "text", "raw.bin": new Uint8Array([1]) },
  };
  const bytes = archiveBytes(made);
  expect(Buffer.from(bytes).equals(archiveBytes(made))).toBe(true);
  const file = path.join(await tempFolder(), "a.cbz");
  await writeFile(file, bytes);
  const containers = createContainers();
  const names = (await containers.entries(file)).map(({ name }) => name);
  expect(names).toEqual(["ComicInfo.xml", "x/題.txt", "raw.bin", "001.png", "002.png"]);
  expect((await containers.read(file, "ComicInfo.xml", 9999)).toString()).toContain(
    "<Title>A &#38; B</Title>",
  );
  expect((await containers.read(file, "x/題.txt", 9999)).toString()).toBe("text");
  await containers.close();
});
