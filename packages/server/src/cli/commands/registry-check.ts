import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { MAX_INDEX_BYTES } from "@hitagi/contract";
import type { IndexIssue } from "../../catalog/index-rules.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import type { Printer } from "../session.ts";
import { table } from "../table.ts";
import { issueColumns } from "./registry-refresh.ts";

const INDEX_FILE = "registry.json";

/** @throws UsageError if there is no such file */
const findIndex = async (io: Io, place: string): Promise<{ file: string; size: number }> => {
  const absolute = path.resolve(io.cwd, place);
  const found = await stat(absolute).catch(() => undefined);
  const file = found?.isDirectory() ? path.join(absolute, INDEX_FILE) : absolute;
  const info = file === absolute ? found : await stat(file).catch(() => undefined);
  if (!info?.isFile()) {
    throw new UsageError(`There is no ${INDEX_FILE} at ${place}.`, "Give its folder, or the file itself.");
  }
  return { file, size: info.size };
};

const faultsOf = async (file: string, size: number): Promise<IndexIssue[]> => {
  if (size > MAX_INDEX_BYTES) {
    return [{ path: "/", reason: `has ${size} bytes, more than the limit of ${MAX_INDEX_BYTES}` }];
  }
  // Loaded only here: other commands do not need the rules of an index.
  const { inspectIndex } = await import("../../catalog/index-examine.ts");
  return inspectIndex(await readFile(file)).issues;
};

const check = async ({ io, print }: Printer, place: string): Promise<void> => {
  const { file, size } = await findIndex(io, place);
  const faults = await faultsOf(file, size);
  print({ faults }, () => (faults.length > 0 ? table(io, issueColumns, faults) : `${place} is valid.`));
  if (faults.length === 0) return;
  throw new CommandFailed(
    `${place} has ${faults.length} ${faults.length === 1 ? "error" : "errors"}.`,
    "A refresh refuses the index until they are corrected. PATH is a JSON pointer into the file.",
  );
};

/** `hitagi registry check`: all errors of a registry.json, for its keeper. Needs no server. */
export const registryCheckCommand = (registry: CliCommand): void => {
  registry
    .local("check <place>", "Print all errors of a registry.json, given its folder or file. Needs no server.")
    .examples("hitagi registry check ./examples/registry")
    .option("--json", "print the data as JSON")
    .runLocal(check);
};
