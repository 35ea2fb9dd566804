import path from "node:path";
import type { Plugin } from "vite";
import { directDependencies, libraryIn } from "../../../scripts/third-party.mjs";

const ID = "virtual:licences";
const root = path.resolve(import.meta.dirname, "../../..");

/** Makes a module that lists the libraries in the page, with their licences. */
export const licences = (): Plugin => ({
  name: "licences",
  resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
  load(id) {
    if (id !== `\0${ID}`) return undefined;
    const listed = directDependencies(path.join(root, "packages/web"))
      .map((name) => libraryIn(path.join(root, "node_modules", name)))
      .map(({ name, version, licence }) => ({ name, version, licence }));
    return `export default ${JSON.stringify(listed)}`;
  },
});
