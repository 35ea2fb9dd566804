import { readFileSync } from "node:fs";
import path from "node:path";
import type { Plugin } from "vite";

const ID = "virtual:licences";
const root = path.resolve(import.meta.dirname, "../../..");

interface Manifest {
  name: string;
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

const read = (folder: string): Manifest =>
  JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;

/** Makes a module that lists the libraries in the page, with their licences. */
export const licences = (): Plugin => ({
  name: "licences",
  resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
  load(id) {
    if (id !== `\0${ID}`) return undefined;
    const { dependencies = {} } = read(path.join(root, "packages/web"));
    const listed = Object.keys(dependencies)
      .filter((name) => !name.startsWith("@hitagi/") && name !== "vite")
      .map((name) => read(path.join(root, "node_modules", name)))
      .map(({ name, version, license = "" }) => ({ name, version, licence: license }));
    return `export default ${JSON.stringify(listed)}`;
  },
});
