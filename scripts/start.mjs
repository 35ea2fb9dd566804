// `npm start`: prepares what is missing, then runs the server. `npm run demo`, `npm run bench` and `npm run cluster` run those.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ownFolder } from "./own-folder.mjs";
import { prepare, root } from "./prepare.mjs";
import { installTestPrograms } from "./test-programs.mjs";

const programs = {
  serve: "hitagi.js",
  demo: "demo.js",
  docs: "docs.js",
  bench: "bench.js",
  cluster: "cluster.js",
};
const [first, ...rest] = process.argv.slice(2);
const name = first in programs ? first : "serve";
const args = first in programs ? rest : process.argv.slice(2);

await prepare({ dev: name !== "serve" });
// It needs a Redis, as the tests do.
if (name === "cluster") installTestPrograms();
// Their folders are removed with it, also when they fail or are interrupted. `npm run cluster` may keep its own.
if (name === "bench" || name === "demo") process.env.TMPDIR = ownFolder(`hitagi-${name}-`);
const program = path.join(root, "packages", "server", "dist", programs[name]);
process.argv = [process.argv[0], program, ...(name === "serve" ? ["serve", ...args] : args)];
await import(pathToFileURL(program).href);
