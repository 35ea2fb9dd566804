import path from "node:path";
import { HitagiError, MAX_ARTIFACT_BYTES, toNamespace } from "@hitagi/contract";
import { codeBytes } from "../../artifacts/inline-map.ts";
import type { GrantChoice } from "../../runtimes/broker/grants.ts";
import type { InstallDeps } from "../deps.ts";
import type { LockedDeps } from "../locks.ts";
import { assertLacksNothing, assertNotRequired } from "../requirements/installed.ts";
import { commit } from "../steps/commit.ts";
import { freePath, namespaceTaken } from "../steps/conflicts.ts";
import { readCurrentState } from "../steps/current-state.ts";
import { grant } from "../steps/grants.ts";
import { runtimeForFile } from "../steps/install-target.ts";
import { type IncomingVersion, stage } from "../steps/stage.ts";
import { vet } from "../steps/vet.ts";
import type { Progress, Sideloaded, SideloadOptions } from "../types.ts";
import { type Undo, withUndo } from "../undo.ts";
import { installedOf } from "./installed.ts";
import { runOperation, stopIfCancelled } from "./run-operation.ts";

type Vetted = Omit<IncomingVersion, "granted">;

/** Vets an uploaded file. Uses its stem as a provisional namespace, because only the loaded plugin says its own. */
const vetUpload = async (
  deps: InstallDeps,
  undo: Undo,
  filename: string,
  bytes: Buffer,
  progress: Progress,
): Promise<Vetted> => {
  const runtime = await runtimeForFile(filename, deps.runtimes);
  const staged = stage(deps, undo, bytes);
  progress.onStep?.("vet");
  const { sha256 } = staged;
  const stem = toNamespace(path.posix.parse(filename).name);
  const provisional = { namespace: stem, sha256, filename, source: bytes };
  const manifest = await vet(deps, undo, runtime, provisional, progress.signal);
  if (manifest.namespace !== stem) runtime.retire(provisional);
  const code = { ...provisional, namespace: manifest.namespace };
  const file = `Sideloaded/${filename}`;
  return { staged, manifest, runtime, code, path: file, type: manifest.type, registry: null };
};

/** An upload is granted all that it asks for, unless the server waits for its owner. */
const uploadChoice = ({ grants }: InstallDeps, given: boolean | undefined): GrantChoice => {
  if (given === undefined) return grants === "ask" ? "ask" : "all";
  return given ? "all" : "none";
};

const commitUpload = async (
  deps: LockedDeps,
  undo: Undo,
  vetted: Vetted,
  choice: GrantChoice,
  { move = false, ignoreRequirements }: SideloadOptions,
): Promise<Sideloaded> => {
  const current = await readCurrentState(deps, vetted.manifest.namespace);
  const filename = path.posix.basename(vetted.path);
  const remedy = `\`hitagi move ${current.namespace} --file ${filename}\` replaces it by the file, and keeps its settings.`;
  const taken = namespaceTaken(current, remedy, "builtin", ...(move ? [] : ["managed"]));
  if (taken) throw taken;
  const { namespace, version } = vetted.manifest;
  const command = move ? `hitagi move ${namespace} --file ${filename}` : `hitagi sideload ${filename}`;
  await assertNotRequired(deps, { namespace, version, command }, { ignoreRequirements });
  await assertLacksNothing(deps, { ...vetted, namespace, command }, { ignoreRequirements });
  const granting = { ...vetted, runtime: vetted.runtime.name };
  const after = {
    ...vetted,
    path: await freePath(deps, current.namespace, vetted.path),
    granted: await grant(deps, current, granting, choice),
  };
  await commit(deps, undo, { current, after });
  return { ...installedOf(current, after), filename: path.posix.basename(after.path) };
};

/** See Installer.sideload. */
export const sideload = (
  deps: InstallDeps,
  filename: string,
  bytes: Buffer,
  given: boolean | undefined,
  options: SideloadOptions = {},
): Promise<Sideloaded> =>
  withUndo(deps, async (uploadUndo) => {
    if (codeBytes(filename, bytes) > MAX_ARTIFACT_BYTES) {
      throw new HitagiError("PAYLOAD_TOO_LARGE", { limit: MAX_ARTIFACT_BYTES });
    }
    const vetted = await vetUpload(deps, uploadUndo, filename, bytes, options);
    stopIfCancelled(options.signal);
    options.onStep?.("commit");
    return runOperation(deps, vetted.manifest.namespace, (locked, undo) =>
      commitUpload(locked, undo, vetted, uploadChoice(deps, given), options),
    );
  });
