import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createLocalSource } from "../../src/sources/local.ts";
import { tempFolder } from "../support/temp-folder.ts";

const source = createLocalSource();
const limits = { maxBytes: 1000, timeoutMs: 150_000 };
const at = (folder: string) => ({ name: "disk", provider: "local" as const, path: folder });

test.each(["file.ts", "folder/secret.ts"])(
  "a file behind a link that leads out of the registry is refused: %s",
  async (file) => {
    const folder = await tempFolder();
    const outside = await tempFolder();
    await writeFile(path.join(outside, "secret.ts"), "secret");
    await symlink(path.join(outside, "secret.ts"), path.join(folder, "file.ts"));
    await symlink(outside, path.join(folder, "folder"));
    const failure = await source.fetch(at(folder), file, limits).catch((error) => error);
    expect(failure).toMatchObject({ code: "SOURCE_PATH_ESCAPES" });
    expect(failure.message).not.toContain(outside);
  },
);

test("a link into a folder whose name begins alike is refused", async () => {
  const folder = await tempFolder();
  await mkdir(path.join(folder, "registry"));
  await mkdir(path.join(folder, "registry-private"));
  await writeFile(path.join(folder, "registry-private", "a.ts"), "secret");
  await symlink(path.join(folder, "registry-private", "a.ts"), path.join(folder, "registry", "a.ts"));
  await expect(source.fetch(at(path.join(folder, "registry")), "a.ts", limits)).rejects.toMatchObject({
    code: "SOURCE_PATH_ESCAPES",
  });
});
