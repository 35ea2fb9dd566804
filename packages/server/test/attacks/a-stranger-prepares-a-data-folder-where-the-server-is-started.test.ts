import { chmod, chown, mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { startScript } from "../support/script.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { OTHER_USER } from "../support/without-root.ts";

/** A folder with a data folder, in which the API key is known to the user who made it. */
const prepared = async () => {
  const folder = await tempFolder();
  const data = path.join(folder, "data");
  await mkdir(data, { mode: 0o700 });
  await writeFile(path.join(data, "api-key"), "known");
  return { folder, data };
};

/** The first line that `hitagi serve` prints in a folder. */
const serveIn = async (folder: string, ...argv: string[]): Promise<string> => {
  const script = path.join(import.meta.dirname, "scripts/serve-in-folder.ts");
  return (await startScript(script, folder, ...argv)).line();
};

test.skipIf(process.getuid?.() !== 0)(
  "a data folder of another user is not taken as the default",
  async () => {
    const { folder, data } = await prepared();
    await chown(data, OTHER_USER, OTHER_USER);
    expect(await serveIn(folder)).toMatch(/HITAGI_DATA.*another user/);
    expect(await readdir(data)).toEqual(["api-key"]);
  },
);

test("a data folder that others write to is not taken as the default", async () => {
  const { folder, data } = await prepared();
  await chmod(data, 0o777);
  expect(await serveIn(folder)).toMatch(/HITAGI_DATA.*another user/);
  expect(await readdir(data)).toEqual(["api-key"]);
});

test("the user's own data folder, and one that is named, are taken", async () => {
  const own = await prepared();
  const named = await prepared();
  await chmod(named.data, 0o777);
  // The script has no builtin plugins, so that its server ends once it has opened the folder.
  await serveIn(own.folder);
  await serveIn(named.folder, "--data", "data");
  for (const { data } of [own, named]) expect(await readdir(data)).toContain("hitagi.db");
});
