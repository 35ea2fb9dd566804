// `npm start`: prepares what is missing, then runs the server. `npm run demo` and `npm run bench` run those.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { prepare, root } from "./prepare.mjs";

const programs = { serve: "hitagi.js", demo: "demo.js", docs: "docs.js", bench: "bench.js" };
const [first, ...rest] = process.argv.slice(2);
const name = first in programs ? first : "serve";
const args = first in programs ? rest : process.argv.slice(2);

await prepare({ dev: name !== "serve" });
const program = path.join(root, "packages", "server", "dist", programs[name]);
process.argv = [process.argv[0], program, ...(name === "serve" ? ["serve", ...args] : args)];
await import(pathToFileURL(program).href);
