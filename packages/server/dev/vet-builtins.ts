import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { pino } from "pino";
import { createLocalArtifacts } from "../src/artifacts/local.ts";
import { builtinArtifacts, builtinFolder } from "../src/config/config.ts";
import { sha256Of } from "../src/disk/sha256.ts";
import { loadManifest } from "../src/plugins/registry/load-plugin.ts";
import { createDenoRuntime } from "../src/runtimes/deno/deno.ts";

// Runs from packages/server/dist, as the last step of a build: vets the builtin plugins, so that a server in an empty data
// folder need not.
const artifacts = createLocalArtifacts(builtinArtifacts());
const runtime = createDenoRuntime({ log: pino({ level: "silent" }), standby: 0 });
try {
  if ((await runtime.unavailable()) === undefined) {
    for (const filename of await readdir(builtinFolder())) {
      const source = await readFile(path.join(builtinFolder(), filename));
      const code = {
        namespace: toNamespace(path.parse(filename).name),
        sha256: sha256Of(source),
        filename,
        source,
      };
      // A server says at its start why a plugin does not load.
      const manifest = await loadManifest(runtime, code).catch(() => undefined);
      if (manifest) await artifacts.put(source, manifest);
    }
  }
} finally {
  await runtime.stop();
}
