import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { placeOfPushed } from "../../../src/keeper/publish/to-git.ts";
import { gitEnvironment } from "../../support/git-repository.ts";
import { tempFolder } from "../../support/temp-folder.ts";

test.each([
  ["https://example.org/plugins.git", "https://example.org/plugins.git"],
  ["https://me:a-secret@example.org/plugins.git", "https://example.org/plugins.git"],
  ["https://me:a@secret@example.org/plugins.git", "https://example.org/plugins.git"],
  ["git@example.org:me/plugins.git", "https://example.org/me/plugins.git"],
  ["http://example.org/plugins.git", undefined],
  ["../plugins.git", undefined],
])("what is pushed to %s is read at %s", async (remote, address) => {
  const folder = await tempFolder();
  const git = (...args: string[]) => execFileSync("git", ["-C", folder, ...args], { env: gitEnvironment() });
  git("init", "--quiet", "--template=", "--initial-branch=main");
  git("commit", "--quiet", "--allow-empty", "--message=First");
  git("remote", "add", "origin", remote);
  await mkdir(path.join(folder, "registry"));
  const place = await placeOfPushed(path.join(folder, "registry"));
  expect(place).toEqual(address && { address, ref: "main", folder: "registry" });
});
