import { entryPoints } from "../../types.ts";
import { describe } from "./describe.ts";
import { toJson } from "./result.ts";
import { evaluable } from "./source-text.ts";

type Entry = (context: object) => unknown;

/** A plugin that is loaded: its entry points by name. */
export type Plugin = Record<string, Entry>;

const makeUrl = URL.createObjectURL;
const forgetUrl = URL.revokeObjectURL;

/** A plugin can import nothing, so that it has no use for addresses of blobs. */
export const hideBlobUrls = (): void => {
  Reflect.deleteProperty(URL, "createObjectURL");
  Reflect.deleteProperty(URL, "revokeObjectURL");
};

/**
 * Evaluates a plugin's source. From a blob: address, because a module that is a file may import any other file
 * statically, whatever it may read.
 * @throws Error that says in words what is wrong with it
 */
export const loadPlugin = async (
  source: string,
  filename: string,
): Promise<{ plugin: Plugin; manifest: string }> => {
  const module = (await importSource(source, filename)) as { default?: unknown };
  const exported = module.default;
  if (typeof exported !== "object" || exported === null)
    throw new Error("it has no default export of an object");
  const manifest = toJson(exported, "the manifest");
  const plugin = exported as Plugin;
  checkEntryPoint(plugin);
  return { plugin, manifest };
};

/** Deno's words for a module that the import map refuses name schemes that no plugin may use either. */
const inOwnWords = (reason: string): string => {
  const refused = /"not-available-to-plugins:([^"]*)"/.exec(reason)?.[1];
  return refused === undefined ? reason : `a plugin cannot import, and it imports node:${refused}`;
};

const importSource = async (source: string, filename: string): Promise<unknown> => {
  const type = filename.toLowerCase().endsWith(".ts") ? "application/typescript" : "text/javascript";
  const url = makeUrl(new Blob([evaluable(source)], { type }));
  try {
    return await import(url);
  } catch (e) {
    throw new Error(inOwnWords(describe(e).replaceAll(url, filename)));
  } finally {
    forgetUrl(url);
  }
};

/** A type that is not known is left to the check of the manifest, which names those that are. */
const checkEntryPoint = (plugin: Plugin): void => {
  const type = plugin.type as unknown as keyof typeof entryPoints;
  const entry = Object.hasOwn(entryPoints, type) ? entryPoints[type] : undefined;
  if (entry && typeof plugin[entry] !== "function")
    throw new Error(`a ${type} plugin needs a function ${entry}`);
};
