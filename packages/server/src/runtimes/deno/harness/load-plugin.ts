import { entryPoints } from "../../types.ts";
import { errorMessage } from "./error-message.ts";
import { toJson } from "./to-json.ts";

/** A loaded plugin: its entry points by name. */
export type Plugin = Record<string, (context: object) => unknown>;

const createUrl = URL.createObjectURL;
const revokeUrl = URL.revokeObjectURL;

/** Plugins import nothing, so that they need no addresses of blobs. */
export const hideBlobUrls = (): void => {
  Reflect.deleteProperty(URL, "createObjectURL");
  Reflect.deleteProperty(URL, "revokeObjectURL");
};

/**
 * Evaluates a plugin's compiled code from a blob: address: a module that is a file may import any other file statically,
 * without a read permission.
 * @throws Error with a message for the plugin's author
 */
export const loadPlugin = async (
  source: string,
  filename: string,
): Promise<{ plugin: Plugin; manifest: string }> => {
  const { default: exported } = (await importSource(source, filename)) as { default?: unknown };
  if (typeof exported !== "object" || exported === null)
    throw new Error("it has no default export of an object");
  const manifest = toJson(exported, "the manifest");
  const plugin = exported as Plugin;
  checkEntryPoint(plugin);
  return { plugin, manifest };
};

const importSource = async (source: string, filename: string): Promise<unknown> => {
  const url = createUrl(new Blob([source], { type: "text/javascript" }));
  try {
    return await import(url);
  } catch (e) {
    throw new Error(errorMessage(e).replaceAll(url, filename));
  } finally {
    revokeUrl(url);
  }
};

/** An unknown type is left to the check of the manifest, which lists the known ones. */
const checkEntryPoint = (plugin: Plugin): void => {
  const type = plugin.type as unknown as keyof typeof entryPoints;
  const entry = Object.hasOwn(entryPoints, type) ? entryPoints[type] : undefined;
  if (entry && typeof plugin[entry] !== "function")
    throw new Error(`a ${type} plugin needs a function ${entry}`);
};
