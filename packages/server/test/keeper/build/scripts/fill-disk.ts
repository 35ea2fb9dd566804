import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { writeRegistryFiles } from "../../../../src/keeper/write-files.ts";

// Writes a registry that does not fit into the folder, and prints how that ends and what is there then.
const folder = process.argv[2] ?? "";
await writeFile(path.join(folder, "registry.json"), "before");
const error: unknown = await writeRegistryFiles(folder, [
  { file: "artifacts/a.js", content: Buffer.alloc(1_000_000) },
  { file: "registry.json", content: "after" },
]).catch((e: unknown) => e);
const names = await readdir(folder);
const left = Object.fromEntries(
  await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name), "utf8")])),
);
const told = error instanceof HitagiError ? { code: error.code, hint: error.hint } : { code: String(error) };
process.stdout.write(JSON.stringify({ ...told, left }));
