#!/usr/bin/env node
// A file of its own, so that npm can link it before the program is built.
import { existsSync } from "node:fs";

const program = new URL("../dist/hitagi.js", import.meta.url);
if (existsSync(program)) await import(program.href);
else {
  process.stderr.write(
    "error: This checkout is not built yet.\nhint: Run `npm run build` in its folder, or `npm start`, which builds and serves.\n",
  );
  process.exitCode = 1;
}
