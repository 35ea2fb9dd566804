import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { createLocalArtifacts } from "../../src/artifacts/local.ts";
import { restorePluginFiles } from "../../src/backup/plugin-files.ts";
import { sha256Of } from "../../src/disk/sha256.ts";
import { tempFolder } from "../support/temp-folder.ts";

const bytes = Buffer.from("export default {}");

it("restores a missing file at the path of its record, and none outside of the plugins folder", async () => {
  const [folder, kept] = [await tempFolder(), await tempFolder()];
  const artifacts = createLocalArtifacts(kept);
  await artifacts.put(bytes, {
    namespace: "one",
    type: "script",
    name: "One",
    version: "1.0.0",
    author: "me",
    description: "",
  });
  const provenance = { version: "1.0.0", registry: null, sha256: sha256Of(bytes), type: "script" } as const;
  const at = (place: string) => ({ provenance: { ...provenance, path: place } });
  const differing = await restorePluginFiles(
    { folder: path.join(folder, "plugins"), artifacts },
    [at("Managed/Scripts/one.ts"), at("../escaped.ts"), at("Sideloaded/../../escaped.ts")],
    [],
  );
  expect(differing).toHaveLength(2);
  expect(await readFile(path.join(folder, "plugins/Managed/Scripts/one.ts"))).toEqual(bytes);
  expect(existsSync(path.join(folder, "escaped.ts"))).toBe(false);
});
