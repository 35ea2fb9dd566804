import { type Credential, type FoundRegistry, isHitagiError, type RegistryFields } from "@hitagi/contract";
import { assertFetched } from "../sources/assert-fetched.ts";
import { isAccepted } from "../sources/authorization.ts";
import type { Sources } from "../sources/sources.ts";
import { pluginTree } from "./generate-index.ts";
import { isPluginText } from "./plugin-files.ts";

export interface ProbeFilesDeps {
  sources: Sources;
  /** Milliseconds that the reading of one repository may take in all. */
  timeoutMs: number;
}

/** The files of a candidate that may be plugins; a failure where they cannot be read. */
export interface FoundFiles extends RegistryFields, Pick<FoundRegistry, "moved" | "failure"> {
  generateIndex: true;
  files: number;
}

/** The registry with a generated index at the same place: one of a forge by git. Undefined where files cannot be listed. */
export const withGeneratedIndex = (
  sources: Sources,
  fields: RegistryFields,
): (RegistryFields & { generateIndex: true }) | undefined => {
  const source = sources.get(fields.provider);
  if (source.readTree) return { ...fields, generateIndex: true };
  const url = source.gitAddress?.(fields);
  return url === undefined ? undefined : { ...fields, provider: "git", url, generateIndex: true };
};

const countFiles = async (
  { sources, timeoutMs }: ProbeFilesDeps,
  fields: RegistryFields & { generateIndex: true },
  credential: Credential | undefined,
  signal: AbortSignal | undefined,
): Promise<FoundFiles> => {
  const source = sources.get(fields.provider);
  const isUsed = credential && isAccepted(source.credential(fields), credential.kind);
  try {
    const tree = await source.readTree?.(fields, {
      ...{ ...pluginTree, timeoutMs },
      ...(signal && { signal }),
      ...(isUsed && { credential }),
    });
    assertFetched(tree, "The repository");
    const files = tree.files.filter((file) => "bytes" in file && isPluginText(file.path, file.bytes));
    return { ...fields, files: files.length, ...(tree.moved && { moved: tree.moved }) };
  } catch (error) {
    if (!isHitagiError(error) || signal?.aborted) throw error;
    const { code, message, hint } = error;
    return { ...fields, files: 0, failure: { code, error: message, hint } };
  }
};

/**
 * Looks for plugin files at the candidates, until one has some. Nothing is loaded.
 * @returns that one, else the first whose files were read, else the first; undefined where no candidate can list its files
 */
export const probeFiles = async (
  deps: ProbeFilesDeps,
  candidates: readonly RegistryFields[],
  credential: Credential | undefined,
  signal: AbortSignal | undefined,
): Promise<FoundFiles | undefined> => {
  const tried = new Map<string, FoundFiles>();
  for (const candidate of candidates) {
    const fields = withGeneratedIndex(deps.sources, candidate);
    const key = fields && JSON.stringify([fields.url, fields.path, fields.ref, fields.folder]);
    if (!fields || key === undefined || tried.has(key)) continue;
    const found = await countFiles(deps, fields, credential, signal);
    if (found.files > 0) return found;
    tried.set(key, found);
  }
  const all = [...tried.values()];
  return all.find(({ failure }) => !failure) ?? all[0];
};
