import { statSync } from "node:fs";
import path from "node:path";
import type { Provider } from "@hitagi/contract";
import { UsageError } from "./failure.ts";

/** The fields of a new registry, as far as its address tells them. */
export interface NewRegistry {
  name: string;
  provider: Provider;
  url?: string;
  path?: string;
}

const INDEX = /\/?registry\.json$/;

const fromAddress = (address: string): NewRegistry => {
  const url = new URL(address);
  url.pathname = url.pathname.replace(INDEX, "/");
  const last = url.pathname.split("/").filter(Boolean).at(-1);
  return { name: last ? `${url.host}/${last}` : url.host, provider: "cdn", url: url.href };
};

const fromFolder = (text: string, cwd: string): NewRegistry => {
  const folder = path.resolve(cwd, text.replace(INDEX, "") || ".");
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(
      `${text} is neither a folder nor an http(s) address.`,
      "Give the folder that holds registry.json, or its address like https://example.org/registry.",
    );
  }
  return { name: path.basename(folder), provider: "local", path: folder };
};

/**
 * What a registry's address or folder says of it: how it is reached, and a name. Either may point at registry.json
 * itself.
 * @throws UsageError where it is neither
 */
export const registrySource = (text: string, cwd: string): NewRegistry =>
  /^https?:\/\//i.test(text) && URL.canParse(text) ? fromAddress(text) : fromFolder(text, cwd);
