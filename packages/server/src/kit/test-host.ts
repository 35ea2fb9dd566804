import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { isHitagiError, ParameterValue } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { authorHintOf } from "./author-hints.ts";
import { BundleError, type Bundler, createBundler } from "./bundle/bundle.ts";
import type { FileBelow } from "./files.ts";
import { createRecording, Exchange, readRecording } from "./network/recording.ts";
import { openSandbox } from "./sandbox.ts";
import type { KitArchive, LoadedPlugin } from "./types.ts";

const texts = {
  title: Type.Optional(Type.String()),
  tags: Type.Optional(Type.Array(Type.String())),
  summary: Type.Optional(Type.String()),
};
const Archive = Type.Union([
  Type.Object({ file: Type.String(), ...texts }),
  Type.Object({ name: Type.String(), base64: Type.String(), ...texts }),
]);

const Load = Type.Object({ id: Type.Integer(), load: Type.String() });
const Run = Type.Object({
  id: Type.Integer(),
  /** The absolute path of the source. */
  run: Type.String(),
  archive: Type.Optional(Archive),
  library: Type.Optional(Type.Array(Archive)),
  files: Type.Optional(Type.Array(Type.String())),
  settings: Type.Optional(Type.Record(Type.String(), ParameterValue)),
  arg: Type.Optional(Type.String()),
  url: Type.Optional(Type.String()),
  http: Type.Optional(Type.Array(Exchange)),
  recording: Type.Optional(Type.String()),
  timeoutMs: Type.Optional(Type.Number()),
});
type Run = Static<typeof Run>;

const isLoad = Compile(Load);
const isRun = Compile(Run);

const problem = (error: unknown): { message: string; hint: string } => {
  if (error instanceof BundleError) {
    const [first] = error.problems;
    const place = first?.file === undefined ? "" : `${first.file}:${first.line}:${first.column}: `;
    return { message: `${place}${error.message}`, hint: first?.hint ?? "" };
  }
  if (isHitagiError(error)) return { message: error.message, hint: authorHintOf(error) };
  const message = error instanceof Error ? error.message : String(error);
  return { message, hint: "Check the names and paths in the test." };
};

/** The plugins of a test run, each bundled and loaded again for each request, so that the newest source is tested. */
const createPlugins = (sandbox: Awaited<ReturnType<typeof openSandbox>>) => {
  const bundlers = new Map<string, Promise<Bundler>>();
  const loaded = new Map<string, LoadedPlugin>();
  return {
    open: async (file: string): Promise<LoadedPlugin> => {
      const bundler = bundlers.get(file) ?? createBundler(file);
      bundlers.set(file, bundler);
      const { filename, codeWithMap } = await (await bundler).build();
      const known = loaded.get(file);
      if (known?.code.source.equals(codeWithMap)) return known;
      if (known) sandbox.retire(known);
      const plugin = await sandbox.load(filename, codeWithMap);
      loaded.set(file, plugin);
      return plugin;
    },
    close: async () => {
      for (const bundler of bundlers.values()) await (await bundler).dispose();
    },
  };
};

/**
 * Runs plugins for the test kit of the SDK: a request and an answer is a line of JSON each.
 * @param input the requests; the host ends with them
 */
export const serveTests = async (input: Readable, write: (line: string) => unknown): Promise<void> => {
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-test-host-"));
  const sandbox = await openSandbox();
  const plugins = createPlugins(sandbox);
  let written = 0;

  const archiveOf = async (archive: Static<typeof Archive>): Promise<KitArchive> => {
    if ("file" in archive) return archive;
    const { name, base64, ...said } = archive;
    const place = path.join(folder, String(written++));
    await mkdir(place);
    const file = path.join(place, path.basename(name));
    await writeFile(file, Buffer.from(base64, "base64"));
    return { file, ...said };
  };

  /** A test may name a recording outside of the plugin's folder. */
  const recordingAt = (source: string, recording: string): FileBelow => {
    const folder = path.dirname(source);
    const name = path.relative(folder, recording).replaceAll(path.sep, "/");
    const isOutside = name.startsWith("..") || path.isAbsolute(name);
    return isOutside ? { folder: path.dirname(recording), name: path.basename(recording) } : { folder, name };
  };

  const run = async ({ run: file, archive, library = [], http = [], recording, ...given }: Run) => {
    const plugin = await plugins.open(file);
    const recorded =
      recording === undefined ? [] : (await readRecording(recordingAt(file, recording))).exchanges();
    const call = {
      ...given,
      archive: archive && (await archiveOf(archive)),
      library: await Promise.all(library.map(archiveOf)),
      recording: createRecording([
        ...http,
        ...recorded.filter(({ url }) => !http.some((one) => one.url === url)),
      ]),
      network: "replay",
    } as const;
    return sandbox.run(plugin, call);
  };

  const answer = async (line: string): Promise<void> => {
    const request: unknown = JSON.parse(line);
    const { id } = Object(request) as { id?: unknown };
    try {
      if (isLoad.Check(request))
        return void write(JSON.stringify({ id, value: (await plugins.open(request.load)).manifest }));
      if (isRun.Check(request)) return void write(JSON.stringify({ id, value: await run(request) }));
      const [fault] = isRun.Errors(request);
      throw new Error(`The run is not valid at ${fault?.instancePath || "/"}: ${fault?.message}`);
    } catch (error) {
      write(JSON.stringify({ id, error: problem(error) }));
    }
  };

  try {
    // Made only now: it loses the lines that come before they are read. One after another: the runs share the network.
    for await (const line of createInterface({ input })) await answer(line);
  } finally {
    await plugins.close();
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
};
