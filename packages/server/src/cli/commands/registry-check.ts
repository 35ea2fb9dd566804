import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { MAX_INDEX_BYTES } from "@hitagi/contract";
import type { IndexIssue } from "../../catalog/index-rules.ts";
import { exists, readIfThere } from "../../disk/files.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import type { Printer } from "../session.ts";
import { faultTable } from "./registry-refresh.ts";

const INDEX_FILE = "registry.json";
const DETAILS_FILE = "registry.details.json";
const HEAD_FILE = "registry.head";

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

const faultsOf = async (bytes: Buffer): Promise<IndexIssue[]> => {
  // Loaded only here: other commands do not need the rules of an index.
  const { inspectIndex } = await import("../../catalog/index-examine.ts");
  return inspectIndex(bytes).issues;
};

/** The index as it is written; undefined where it is no JSON. */
const indexIn = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8").replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
};

/** The faults of the files that the index names; says which ones this machine cannot load. @param inIndex its own faults */
const fileFaultsOf = async (
  { io, say }: Printer,
  file: string,
  bytes: Buffer,
  inIndex: readonly IndexIssue[],
): Promise<IndexIssue[]> => {
  const { offeredFiles } = await import("../../install/offered-files.ts");
  const files = offeredFiles(indexIn(bytes), inIndex);
  if (files.length === 0) return [];
  // Loaded only here: it brings the runtimes with it.
  const { checkRegistryFiles } = await import("../../app/check-registry.ts");
  const { issues, unchecked } = await checkRegistryFiles(path.dirname(file), files, io.env, io.signal);
  for (const one of unchecked) say(`${one.file} was not loaded: ${one.reason}`);
  return issues;
};

/** The faults of registry.details.json beside the index; none where it has none, or where the index has no plugins to compare with. */
const detailsFaultsOf = async (file: string, bytes: Buffer): Promise<IndexIssue[]> => {
  const details = await readIfThere(path.join(path.dirname(file), DETAILS_FILE));
  if (!details) return [];
  const [{ inspectDetails }, { isJsonObject }] = await Promise.all([
    import("../../keeper/details.ts"),
    import("../../catalog/index-rules.ts"),
  ]);
  const index = indexIn(bytes);
  if (!isJsonObject(index) || !isJsonObject(index.plugins)) return [];
  return inspectDetails(details, index.plugins).map(({ path: pointer, reason }) => ({
    path: `${DETAILS_FILE}#${pointer}`,
    reason,
  }));
};

/** The faults of registry.head, if there is one: whether its signatures hold, and whether it is of these files. */
const headFaultsOf = async (file: string): Promise<IndexIssue[]> => {
  const folder = path.dirname(file);
  if (path.basename(file) !== INDEX_FILE || !(await exists(path.join(folder, HEAD_FILE)))) return [];
  const [{ readRegistryFolder }, { verifyRegistry }, { KeeperError }] = await Promise.all([
    import("../../keeper/registry-files.ts"),
    import("../../keeper/verify.ts"),
    import("../../keeper/keeper-error.ts"),
  ]);
  try {
    const content = await readRegistryFolder(folder);
    if (content.head) verifyRegistry(content);
    return [];
  } catch (error) {
    if (!(error instanceof KeeperError)) throw error;
    return [{ path: HEAD_FILE, reason: error.message }];
  }
};

interface CheckOptions {
  files: boolean;
}

const check = async (printer: Printer, place: string, { files }: CheckOptions): Promise<void> => {
  const { io, print } = printer;
  const { file, size } = await findIndex(io, place);
  const tooLarge = { path: "/", reason: `has ${size} bytes, more than the limit of ${MAX_INDEX_BYTES}` };
  const bytes = size > MAX_INDEX_BYTES ? undefined : await readFile(file);
  const inIndex = bytes ? await faultsOf(bytes) : [tooLarge];
  const inFiles = bytes && files ? await fileFaultsOf(printer, file, bytes, inIndex) : [];
  const inDetails = bytes ? await detailsFaultsOf(file, bytes) : [];
  const inHead = inIndex.length === 0 && inDetails.length === 0 ? await headFaultsOf(file) : [];
  const faults = [...inIndex, ...inDetails, ...inHead, ...inFiles];
  print({ faults }, () => (faults.length > 0 ? faultTable(io, faults) : `${place} is valid.`));
  if (faults.length === 0) return;
  throw new CommandFailed(
    `${place} has ${faults.length} ${faults.length === 1 ? "error" : "errors"}.`,
    inIndex.length > 0
      ? "A refresh refuses the index until they are corrected. PATH is a JSON pointer into the file."
      : inDetails.length + inHead.length > 0
        ? "Owners' servers would not use these files. Build the registry, and sign it again."
        : "No install takes these versions until they are corrected. PATH is a JSON pointer into the file.",
  );
};

/** `hitagi registry check`: all errors of a registry.json and of its files, for its keeper. Needs no server. */
export const registryCheckCommand = (registry: CliCommand): void => {
  registry
    .local(
      "check <place>",
      "Print all errors of a registry.json, given its folder or file, and of its plugin files. Needs no server.",
    )
    .examples("hitagi registry check ./examples/registry")
    .option("--no-files", "check registry.json only: do not read, compare and load its plugin files")
    .option("--json", "print the data as JSON")
    .runLocal(check);
};
