import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PluginDetails, RegistryDetails, RegistryTexts } from "@hitagi/contract";
import { fileOf, type Wanted } from "../../../trust/test/fixture.ts";
import { sha256Of } from "../../src/disk/sha256.ts";
import { type FixturePlugin, writeRegistry } from "./registry-fixture.ts";

let sequence = 0;

interface Said extends RegistryTexts, Pick<Wanted, "epoch" | "signingSeeds"> {
  /** By namespace. */
  plugins?: Record<string, PluginDetails>;
  /** In place of all else. */
  bytes?: Buffer;
}

/** Writes a registry into a folder, with details, and a head that names both. Each call follows the one before. */
export const writeDetailed = async (
  folder: string,
  plugins: FixturePlugin[],
  { bytes, plugins: said = {}, epoch = 1, signingSeeds, ...texts }: Said,
): Promise<void> => {
  await writeRegistry(folder, plugins);
  const index = await readFile(path.join(folder, "registry.json"));
  const document: RegistryDetails = { version: 1, ...texts, plugins: said };
  const details = bytes ?? Buffer.from(JSON.stringify(document));
  await writeFile(path.join(folder, "registry.details.json"), details);
  sequence += 1;
  const origin = `example.org/${path.basename(folder)}`;
  const hashes = { index: sha256Of(index), details: sha256Of(details) };
  const head = fileOf({ origin, sequence, epoch, ...hashes, ...(signingSeeds && { signingSeeds }) });
  await writeFile(path.join(folder, "registry.head"), head);
};
