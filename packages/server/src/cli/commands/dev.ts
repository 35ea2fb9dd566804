import { stat } from "node:fs/promises";
import path from "node:path";
import type { DevRun, DevSession } from "../../kit/dev/dev-session.ts";
import { pluginFiles, sampleFiles } from "../../kit/files.ts";
import type { NetworkMode } from "../../kit/network/recorded-network.ts";
import type { KitArchive } from "../../kit/types.ts";
import type { CliCommand } from "../command.ts";
import { readKeys } from "../dev-keys.ts";
import { devRunLines } from "../dev-report.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { isInteractive } from "../io.ts";
import { type PluginRunOptions, pluginRunOptions, settingsOf, withArchives } from "../plugin-run.ts";
import { namesArchives, openRunArchives, type RunArchives } from "../run-archives.ts";
import { printed, safeJson } from "../safe-text.ts";
import type { Printer } from "../session.ts";
import { sourceFailure } from "../source-failure.ts";

interface DevOptions extends PluginRunOptions {
  once?: boolean;
  live?: boolean;
}

/** The archives that the options name, or the samples beside the plugin. */
const openArchives = async (printer: Printer, file: string, options: DevOptions): Promise<RunArchives> => {
  if (namesArchives(options)) return openRunArchives(printer, options);
  const archives = (await sampleFiles(file)).map((one) => ({ file: one }));
  return { archives, close: async () => {} };
};

const assertArchives = (session: DevSession, archives: readonly KitArchive[]): void => {
  if (session.current()?.manifest.type !== "metadata" || archives.length > 0) return;
  throw new UsageError(
    "A metadata plugin works on an archive, and there is none.",
    "Name one with --archive, or one of a running server with --archive-id, or put some into the folder samples beside the plugin.",
  );
};

const failedRuns = ({ problem, runs }: DevRun): boolean =>
  problem !== null || runs.some(({ failure }) => failure !== null);

const show = ({ io, json }: Printer, run: DevRun, asLines: boolean, hasKeys = !asLines): void => {
  if (json || asLines) io.stdout.write(`${safeJson(run, 0)}\n`);
  else io.stdout.write(`${printed(devRunLines(run, hasKeys))}\n`);
};

interface Loop {
  printer: Printer;
  session: DevSession;
  file: string;
  archives: KitArchive[];
  options: DevOptions;
}

/** Tells the errors of the compiler, which did not stop the run. */
const showTypeProblems = async ({ printer, file, session }: Loop, signal: AbortSignal): Promise<void> => {
  const { typeProblems } = await import("../../kit/check/type-problems.ts");
  const found = await typeProblems(file, signal).catch(() => undefined);
  const { problems = [], leftOutBy } = found ?? {};
  const own = problems.filter((problem) => session.inputs().includes(problem.file));
  if (signal.aborted || (own.length === 0 && leftOutBy === undefined)) return;
  const { io, json } = printer;
  if (json || !isInteractive(io))
    io.stdout.write(`${safeJson({ typeProblems: own, ...(leftOutBy !== undefined && { leftOutBy }) }, 0)}\n`);
  else
    io.stderr.write(
      `${printed([
        ...own.map(
          ({ file: name, line, column, message }) =>
            `${path.relative(io.cwd, name)}:${line}:${column} ${message}`,
        ),
        ...(leftOutBy === undefined ? [] : [`No types were checked: ${leftOutBy} leaves this file out.`]),
      ])}\n`,
    );
};

/** The runs of a loop, one after another. @param onRun called when the session knows which files it is made of */
const createRuns = (given: Loop, onRun: () => void) => {
  const { printer, session } = given;
  const asLines = !isInteractive(printer.io);
  let last: DevRun | undefined;
  let current = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let waiting = false;

  const runNow = async (network: NetworkMode): Promise<void> => {
    waiting = false;
    current = new AbortController();
    const { signal } = current;
    const run = await session.run(network, signal).catch(sourceFailure);
    onRun();
    if (signal.aborted) return;
    last = run;
    show(printer, run, asLines);
    void showTypeProblems(given, signal);
  };
  return {
    last: () => last,
    run: (network: NetworkMode = "record"): Promise<void> => {
      // A save during a run ends it, and needs one further run, not one each.
      if (!waiting) {
        waiting = true;
        current.abort();
        running = running.then(() => runNow(network));
      }
      return running;
    },
    end: async (): Promise<void> => {
      current.abort();
      await running.catch(() => {});
    },
  };
};

/** Writes the first right that was refused into the manifest. @returns what to tell the author, if there is something */
const askForRight = async ({ session }: Loop, last: DevRun | undefined): Promise<string | undefined> => {
  const right = last?.runs.flatMap(({ missingRights }) => missingRights)[0];
  if (!right) return "Nothing was refused.";
  const isWritten = await session.ask(right);
  return isWritten ? undefined : "The manifest could not be read: write the line into it yourself.";
};

/** Makes a test of the last run. @returns what to tell the author */
const addTest = async (given: Loop, last: DevRun | undefined): Promise<string> => {
  const { printer, session, file, archives, options } = given;
  const { io } = printer;
  const report = last?.runs.find(({ failure }) => failure === null);
  const plugin = session.current();
  if (!report || !plugin) return "A test is made of a run that ended well, and there is none.";
  const { writeTest } = await import("../../kit/dev/write-test.ts");
  const archive = archives.find((one) => (one.path ?? path.basename(one.file)) === report.archive);
  const settings = await settingsOf(io, plugin.manifest, options);
  const { arg, url } = options;
  const written = await writeTest({ file, archive, report, settings, arg, url });
  const place = path.relative(io.cwd, written);
  return `Wrote a test into ${place}. Run it with node --test ${place}.`;
};

const KEYS =
  "w writes a refused right into the manifest, t makes a test, a chooses archives, l goes out to the site, r runs again, q quits.";

/** Runs at each save until it is ended. */
const loop = async (given: Loop): Promise<void> => {
  const { printer, session, file, archives, options } = given;
  const { io } = printer;
  const { watchFiles } = await import("../../kit/dev/watch-files.ts");
  const say = (text: string | undefined): unknown =>
    text === undefined ? undefined : io.stderr.write(`${printed(text)}\n`);
  const runs = createRuns(given, () => watcher.set([file, ...session.inputs()]));
  const { run, last } = runs;
  const watcher = watchFiles(() => void run().catch(end));
  let end: (error?: unknown) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  const keys = isInteractive(io)
    ? readKeys(io, {
        archives: archives.map((one) => one.path ?? path.basename(one.file)),
        choose: (chosen) => {
          session.setArchives(archives.filter((_, i) => chosen.has(i)));
          return run();
        },
        w: async () => void say(await askForRight(given, last())),
        t: async () => void say(await addTest(given, last())),
        l: () => run("live"),
        r: () => run(),
        q: async () => end(),
        onError: (error) => end(error),
      })
    : undefined;
  const stop = () => end();
  io.signal?.addEventListener("abort", stop, { once: true });
  if (!io.signal) process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    if (keys) say(KEYS);
    // The first run may never end, and then a save must end it.
    watcher.set([file]);
    await run(options.live ? "live" : "record");
    assertArchives(session, archives);
    await ended;
  } finally {
    keys?.close();
    watcher.close();
    process.off("SIGINT", stop).off("SIGTERM", stop);
    await runs.end();
  }
};

/** The file, or the one plugin of a folder. @throws UsageError */
const pluginIn = async (place: string): Promise<string> => {
  const isFolder = await stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return place;
  const [file, ...more] = await pluginFiles(place);
  if (file !== undefined && more.length === 0) return file;
  const found = file === undefined ? "no plugin" : `${more.length + 1} plugins`;
  throw new UsageError(
    `The folder ${path.basename(place)} has ${found}.`,
    `Name a file: \`hitagi dev ${file === undefined ? "my-plugin.ts" : path.relative(path.dirname(place), file)}\`.`,
  );
};

const dev = async (
  printer: Printer,
  name: string,
  more: readonly string[],
  given: DevOptions,
): Promise<void> => {
  const { io } = printer;
  const options = withArchives(given, more);
  const { openSandbox } = await import("../../kit/sandbox.ts");
  const { openDevSession } = await import("../../kit/dev/dev-session.ts");
  const file = await pluginIn(path.resolve(io.cwd, name));
  const { archives, close } = await openArchives(printer, file, options);
  const sandbox = await openSandbox({ standby: options.once ? 0 : 1 });
  try {
    const { arg, url } = options;
    const session = await openDevSession(sandbox, {
      ...{ file, archives, arg, url },
      settings: ({ manifest }) => settingsOf(io, manifest, options),
    });
    try {
      if (!options.once) return await loop({ printer, session, file, archives, options });
      const run = await session.run(options.live ? "live" : "record").catch(sourceFailure);
      assertArchives(session, archives);
      show(printer, run, false, false);
      if (failedRuns(run)) throw new CommandFailed("The run failed.", "The reason is above.");
    } finally {
      await session.close();
    }
  } finally {
    await sandbox.close();
    await close();
  }
};

/** `hitagi dev`: runs a plugin at each save, in the sandbox, with its network recorded. Needs no server. */
export const devCommand = (program: CliCommand): void => {
  program
    .local(
      "dev <file> [archives...]",
      "Run a plugin in the sandbox at each save, and show what changed. Its network is recorded. Needs a server only for its archives.",
    )
    .examples(
      "hitagi dev my-plugin.ts --archive comic.cbz",
      "hitagi dev my-plugin.ts --archive-id comic.cbz --server http://nas.lan:3000",
      "hitagi dev my-plugin.ts --once --json",
    )
    .use(pluginRunOptions)
    .option("--once", "run it once, and end with 1 if it fails")
    .option("--live", "send the requests of the first run to their sites, and record them anew")
    .runLocal(dev);
};
