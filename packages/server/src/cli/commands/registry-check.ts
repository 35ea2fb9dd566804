import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { MAX_INDEX_BYTES } from "@hitagi/contract";
import type { Command } from "commander";
import type { IndexIssue } from "../../catalog/index-rules.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { bare } from "../leaf.ts";
import { plainJson } from "../plain.ts";
import { table } from "../table.ts";

const INDEX_FILE = "registry.json";

/** @throws UsageError where there is no such file */
const findIndex = async (io: Io, place: string): Promise<{ file: string; size: number }> => {
  const given = path.resolve(io.cwd, place);
  const found = await stat(given).catch(() => undefined);
  const file = found?.isDirectory() ? path.join(given, INDEX_FILE) : given;
  const info = file === given ? found : await stat(file).catch(() => undefined);
  if (!info?.isFile()) {
    throw new UsageError(`There is no ${INDEX_FILE} at ${place}.`, "Give its folder, or the file itself.");
  }
  return { file, size: info.size };
};

const faultsOf = async (file: string, size: number): Promise<IndexIssue[]> => {
  if (size > MAX_INDEX_BYTES) {
    return [{ path: "/", reason: `has ${size} bytes, more than the ${MAX_INDEX_BYTES} that are taken` }];
  }
  // Loaded only here: the other commands must not wait for the rules of an index.
  const { inspectIndex } = await import("../../catalog/index-check.ts");
  return (await inspectIndex(await readFile(file))).issues;
};

const check = async (io: Io, place: string, options: { json?: boolean }): Promise<void> => {
  const { file, size } = await findIndex(io, place);
  const faults = await faultsOf(file, size);
  const rows = faults.map((f) => [f.path, f.reason]);
  const text = rows.length > 0 ? table(io, ["PATH", "REASON"], rows) : `${place} has no fault.`;
  io.stdout.write(`${options.json ? plainJson({ faults }) : text}\n`);
  if (faults.length > 0) {
    throw new CommandFailed(
      `${place} has ${faults.length} ${faults.length === 1 ? "fault" : "faults"}.`,
      "A refresh refuses it until they are corrected; PATH is a JSON pointer into the file.",
    );
  }
};

/** `hitagi registry check`: every fault of a registry.json, for its keeper; needs no server. */
export const registryCheckCommand = (registry: Command, io: Io): void => {
  bare(
    registry,
    "check <place>",
    "Print all faults of a registry.json, by its folder or file; needs no server.",
    "hitagi registry check ./examples/registry",
  )
    .option("--json", "print the data for programs")
    .action((place: string, _options: unknown, self: Command) => check(io, place, self.optsWithGlobals()));
};
