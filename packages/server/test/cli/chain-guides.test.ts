import { writeFile } from "node:fs/promises";
import path from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pluginText } from "../http/plugin-sources.ts";
import { openCliWorld, type World } from "./cli-world.ts";
import { guideCommands } from "./guide-commands.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

const done: World["done"] = (...argv) => world.done(...argv);

const runAll = async (heading: string): Promise<void> => {
  const commands = guideCommands(heading);
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) await done(...command);
};

/** Writes the file of an archive. @param title the title in its ComicInfo.xml; undefined for an archive without one */
const write = async (name: string, title?: string): Promise<void> => {
  const info = `<ComicInfo><Title>${title}</Title><Writer>W. Riter</Writer></ComicInfo>`;
  const page = { "001.jpg": strToU8(name) };
  const file = zipSync(title === undefined ? page : { ...page, "ComicInfo.xml": strToU8(info) });
  await writeFile(path.join(world.folder, name), file);
};

const add = async (name: string, title?: string) => {
  await write(name, title);
  await done("library", "add", name);
  return (await done("library", "show", name, "--json")).json;
};

it("after the guide's commands, a ComicInfo.xml gives the title, and the name only that of archives without one", async () => {
  await runAll("Metadata plugins on new archives");
  const described = await add("[Someone] Name of the file (series).cbz", "The Snail and the Moon");
  expect(described).toMatchObject({ title: "The Snail and the Moon", tags: "writer:W. Riter" });
  const bare = await add("[Someone] Bare (series).cbz");
  expect(bare).toMatchObject({ title: "Bare", tags: "artist:Someone, series:series" });
  // A batch of comic-info fails on an archive without a ComicInfo.xml.
  await done("library", "remove", bare.arcid, "--yes");
});

it("in the order of the guide, a title stays without the condition too", async () => {
  await done("chain", "reset", "--yes");
  const described = await add("[Someone] Another name (series).cbz", "The Moon");
  expect(described).toMatchObject({ title: "The Moon" });
});

it("the guide's commands for an address and for batches run as they stand", async () => {
  const body = 'getTags: (ctx) => ({ tags: ["read:" + ctx.arg] }),';
  const source = pluginText("example", "1.0.0", "metadata", body, 'url_regex: "^https://example[.]org/g/",');
  await writeFile(path.join(world.folder, "example.ts"), source);
  await done("sideload", "example.ts");
  await add("comic.cbz", "Comic");
  await runAll("Paste an address");
  expect((await done("library", "show", "comic.cbz")).out).toContain("read:https://example.org/g/1");
  await write("one.cbz", "One");
  await write("two.cbz", "Two");
  for (const command of guideCommands("Batches")) {
    await done(...command);
    if (command[1] === "add") await done("library", "edit", "one.cbz", "--tags", "source:example.org/g/2");
  }
  expect((await done("library", "show", "one.cbz")).out).toContain("read:https://example.org/g/2");
});
