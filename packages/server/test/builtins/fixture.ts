import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Manifest, toNamespace } from "@hitagi/contract";
import { closeSandbox, openPlugin, type TestRun } from "@hitagi/sdk/testing";
import pino from "pino";
import { afterAll, beforeAll } from "vitest";
import { splitTags } from "../../src/library/tags.ts";
import { scopesOf } from "../../src/runtimes/broker/grants.ts";
import { createDenoRuntime } from "../../src/runtimes/deno/deno.ts";
import { checkManifest } from "../../src/runtimes/manifest-check.ts";
import { type CallContext, entryPoints, type PluginCode, type Runtime } from "../../src/runtimes/types.ts";
import type { ArchiveRecord } from "../../src/store/types.ts";
import { type RealBroker, realBroker } from "../runtimes/broker/fixture.ts";
import { bundleServer } from "../support/serve-process.ts";

const root = path.resolve(import.meta.dirname, "../../../..");

/** One real Deno runtime for all tests of a file. */
export const denoForTests = (): (() => Runtime) => {
  let runtime: Runtime | undefined;
  beforeAll(() => {
    runtime = createDenoRuntime({ log: pino({ level: "silent" }) });
  });
  afterAll(() => runtime?.stop());
  return () => {
    if (!runtime) throw new Error("the runtime is started before the tests");
    return runtime;
  };
};

/** A plugin's file as the runtime expects it. @param file relative to the project's folder */
export const codeOf = async (file: string): Promise<PluginCode> => {
  const source = await readFile(path.join(root, file));
  const sha256 = createHash("sha256").update(source).digest("hex");
  return {
    namespace: toNamespace(path.basename(file, ".ts")),
    sha256,
    filename: path.basename(file),
    source,
  };
};

interface Given {
  archive?: ArchiveRecord;
  arg?: string;
  url?: string;
  settings?: CallContext["settings"];
}

const defaultsOf = ({ parameters = {} }: Manifest): CallContext["settings"] =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, { default_value }]) => [name, default_value ?? ""]),
  );

const contextOf = (archive: ArchiveRecord): NonNullable<CallContext["archive"]> => ({
  ...archive,
  tags: splitTags(archive.tags),
  filename: path.posix.basename(archive.file),
});

/** Vets a plugin, then calls it with all permissions of its manifest granted. */
export const runPlugin = async (runtime: Runtime, broker: RealBroker, file: string, given: Given = {}) => {
  const code = await codeOf(file);
  const manifest = checkManifest(await runtime.vet(code, 20_000));
  const { archive, arg = "", url, settings } = given;
  const granted = scopesOf(manifest.permissions ?? {});
  return runtime.call(code, {
    entry: entryPoints[manifest.type],
    context: {
      arg,
      settings: { ...defaultsOf(manifest), ...settings },
      ...(url !== undefined && { url }),
      ...(archive && { archive: contextOf(archive) }),
    },
    onHostRequest: broker.bind({
      namespace: manifest.namespace,
      source: "builtin",
      granted,
      archive: archive?.id,
    }),
    timeoutMs: 150_000,
  });
};

/** The test kit of the SDK, which runs this checkout's program. @returns runs a plugin and answers what it found */
export const testKit = (): ((file: string, given?: TestRun) => Promise<unknown>) => {
  beforeAll(async () => {
    process.env.HITAGI_PROGRAM = await bundleServer(path.join(root, "packages/server/src/cli/main.ts"));
  });
  afterAll(() => {
    closeSandbox();
    delete process.env.HITAGI_PROGRAM;
  });
  return async (file, given) => (await (await openPlugin(path.join(root, file))).run(given)).value;
};

export { realBroker };
