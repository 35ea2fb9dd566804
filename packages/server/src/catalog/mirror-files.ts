import {
  HitagiError,
  type IndexPlugin,
  isHitagiError,
  MAX_ARTIFACT_FILE_BYTES,
  MAX_DETAILS_BYTES,
  MAX_INDEX_BYTES,
  MIRROR_FILE,
  type MirroredFile,
  MirrorMark,
  type Namespace,
  type Registry,
} from "@hitagi/contract";
import { MAX_NOTE_BYTES } from "@hitagi/trust";
import { Value } from "typebox/value";
import { sha256Of } from "../disk/sha256.ts";
import { assertFetched } from "../sources/assert-fetched.ts";
import { safeSegments } from "../sources/relative-path.ts";
import type { Store } from "../store/types.ts";
import { INDEX_FILE, type RegistryFiles } from "./registry-files.ts";
import { DETAILS_FILE, HEAD_FILE, readHead } from "./trust/heads.ts";
import { assertNamed } from "./trust/signed-files.ts";
import type { Catalog } from "./types.ts";

export interface MirrorDeps {
  store: Pick<Store, "registries" | "trust" | "catalog">;
  files: RegistryFiles;
  catalog: Pick<Catalog, "refresh">;
  /** The installed plugins with the registries that they are from. */
  installed: () => readonly { namespace: Namespace; registry: string | null; version: string }[];
}

/** Which plugin files a mirror has; by default the installed versions. */
export interface MirrorChoice {
  all?: boolean | undefined;
  /** In all their versions. */
  plugins?: readonly Namespace[] | undefined;
}

/** The files of a mirror of a registry. */
export interface MirrorPlan {
  mark: MirrorMark;
  head: { epoch: number; sequence: number } | null;
  /** The registry's own files in the order in which they are written: the head, which names the others, is the last. */
  documents: { path: string; sha256: string }[];
  files: MirroredFile[];
}

/** What a server reads of a registry, so that a copy of it can be made. It stores nothing. */
export interface MirrorFiles {
  /**
   * Refreshes a registry and lists the files of a mirror of it, as they are published now.
   * @throws HitagiError REGISTRY_NOT_FOUND, MIRROR_WITHOUT_INDEX, PLUGIN_NOT_IN_REGISTRY, REGISTRY_TORN, ARTIFACT_NAME_INVALID
   *   (a plugin file has the place of one of the registry's own), and what Catalog.refresh throws
   */
  plan(id: string, choice: MirrorChoice, signal?: AbortSignal): Promise<MirrorPlan>;
  /**
   * One of these files. A file of the folder or repository that is neither the registry's own nor offered in its index stays there.
   * @param namespace the plugin whose file it is; undefined for one of the registry's own
   * @throws HitagiError REGISTRY_NOT_FOUND, MIRROR_WITHOUT_INDEX, SOURCE_FILE_MISSING, and what Source.fetch throws
   */
  read(
    id: string,
    file: { path: string; namespace?: Namespace | undefined },
    signal?: AbortSignal,
  ): Promise<Buffer>;
}

const MAX_BYTES: Readonly<Record<string, number>> = {
  [HEAD_FILE]: MAX_NOTE_BYTES,
  [INDEX_FILE]: MAX_INDEX_BYTES,
  [DETAILS_FILE]: MAX_DETAILS_BYTES,
};

const placeOf = ({ url, ref, folder, path }: Registry): string =>
  [url, ref, folder, path].filter(Boolean).join(" ");

/** The names of a mirror that are no plugin files. */
const OWN_FILES: readonly string[] = [...Object.keys(MAX_BYTES), MIRROR_FILE];

/**
 * A plugin file in the place of one of the registry's own would speak for the registry. Some file systems have no case, and drop dots and
 * spaces at the end of a name.
 * @throws HitagiError ARTIFACT_NAME_INVALID
 */
const assertPluginFile = ({ path }: MirroredFile): void => {
  const [top = ""] = path.split("/");
  if (OWN_FILES.includes(top.toLowerCase().replace(/[. ]+$/, "")))
    throw new HitagiError("ARTIFACT_NAME_INVALID", { file: path });
};

const filesOf = ({ namespace, versions }: IndexPlugin): MirroredFile[] =>
  Object.values(versions).map(({ artifact: path, sha256, version }) => ({
    path,
    sha256,
    namespace,
    version,
  }));

export const createMirrorFiles = ({ store, files, catalog, installed }: MirrorDeps): MirrorFiles => {
  /** A registry that publishes its index. */
  const registryOf = async (id: string): Promise<Registry> => {
    const registry = await store.registries.get(id);
    if (registry === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    const { generateIndex, name } = registry;
    if (generateIndex) throw new HitagiError("MIRROR_WITHOUT_INDEX", { name });
    return registry;
  };
  const fetch = async (
    registry: Registry,
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<Buffer> => {
    const maxBytes = Object.hasOwn(MAX_BYTES, path) ? MAX_BYTES[path] : undefined;
    const fetched = await files(registry, path, { maxBytes: maxBytes ?? MAX_ARTIFACT_FILE_BYTES, signal });
    assertFetched(fetched, path);
    return fetched.bytes;
  };
  const ifThere = (bytes: Promise<Buffer>): Promise<Buffer | undefined> =>
    bytes.catch((error: unknown) => {
      if (isHitagiError(error, "SOURCE_FILE_MISSING")) return undefined;
      throw error;
    });

  const offeredBy = async (id: string, namespace: Namespace): Promise<MirroredFile[]> => {
    const entry = await store.catalog.entry(id, namespace);
    return entry ? filesOf(entry) : [];
  };

  /** The chosen files that the index offers, each once: versions may share one. */
  const chosenFiles = async (
    { id, name }: Registry,
    { all = false, plugins }: MirrorChoice,
  ): Promise<MirroredFile[]> => {
    const offered = (namespace: Namespace) => offeredBy(id, namespace);
    const named = async (namespace: Namespace): Promise<MirroredFile[]> => {
      const found = await offered(namespace);
      if (found.length === 0)
        throw new HitagiError("PLUGIN_NOT_IN_REGISTRY", { namespace, registry: id, name });
      return found;
    };
    const ofInstalled = async ({ namespace, version }: { namespace: Namespace; version: string }) =>
      (await offered(namespace)).filter((file) => file.version === version);
    const lists = all
      ? (await store.catalog.summaries(id)).map(({ namespace }) => offered(namespace))
      : (plugins?.map(named) ??
        installed()
          .filter(({ registry }) => registry === id)
          .map(ofInstalled));
    const found = (await Promise.all(lists)).flat();
    found.forEach(assertPluginFile);
    return [...new Map(found.map((file) => [file.path, file])).values()];
  };

  /** The registry's own files as they are published. Of a signed one only those that its accepted head names. */
  const readDocuments = async (registry: Registry, signal: AbortSignal | undefined) => {
    const pin = await store.trust.pin(registry.id);
    const accepted = pin && (await store.trust.get(pin.fingerprint));
    const note = accepted && (await fetch(registry, HEAD_FILE, signal));
    const head = note && readHead(registry, note);
    if (accepted && head?.sha256 !== readHead(registry, Buffer.from(accepted.head)).sha256)
      throw new HitagiError("REGISTRY_TORN", { path: HEAD_FILE });
    const index = await fetch(registry, INDEX_FILE, signal);
    const details = await ifThere(fetch(registry, DETAILS_FILE, signal));
    if (head) {
      assertNamed(index, head.index, INDEX_FILE);
      if (head.details !== undefined) assertNamed(details ?? Buffer.alloc(0), head.details, DETAILS_FILE);
    }
    const documents = [
      { path: INDEX_FILE, bytes: index },
      { path: DETAILS_FILE, bytes: details },
      { path: HEAD_FILE, bytes: note },
    ].flatMap(({ path, bytes }) => (bytes ? [{ path, sha256: sha256Of(bytes) }] : []));
    return { documents, head, fingerprint: pin?.fingerprint };
  };

  return {
    plan: async (id, choice, signal) => {
      await registryOf(id);
      await catalog.refresh(id, signal);
      const registry = await registryOf(id);
      const { documents, head, fingerprint } = await readDocuments(registry, signal);
      return {
        mark: { mirror: 1, of: placeOf(registry), ...(fingerprint !== undefined && { fingerprint }) },
        head: head ? { epoch: head.epoch, sequence: head.sequence } : null,
        documents,
        files: await chosenFiles(registry, choice),
      };
    },
    read: async (id, { path, namespace }, signal) => {
      const registry = await registryOf(id);
      safeSegments(path);
      const isOffered =
        namespace === undefined
          ? Object.hasOwn(MAX_BYTES, path)
          : (await offeredBy(id, namespace)).some((file) => file.path === path);
      if (!isOffered) throw new HitagiError("SOURCE_FILE_MISSING", { path });
      return fetch(registry, path, signal);
    },
  };
};

/**
 * Reads what a registry says of itself if it is a mirror; undefined if it is none.
 * @throws what the source throws, but for a file that is not there
 */
export const readMirrorMark = async (
  files: RegistryFiles,
  registry: Registry,
  signal: AbortSignal | undefined,
): Promise<MirrorMark | undefined> => {
  try {
    const fetched = await files(registry, MIRROR_FILE, { maxBytes: MAX_NOTE_BYTES, signal });
    const mark: unknown = fetched.changed ? JSON.parse(fetched.bytes.toString("utf8")) : undefined;
    return Value.Check(MirrorMark, mark) ? mark : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isHitagiError(error, "SOURCE_FILE_MISSING")) return undefined;
    throw error;
  }
};
