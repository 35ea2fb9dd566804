import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cp, mkdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { commandLines } from "../../support/processes.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { noBubblewrap, noPerl, openPerl, perlText } from "./fixture.ts";

const server = path.resolve(import.meta.dirname, "../../..");
let program = "";

/** A server in small: one runtime and one call, as a program of its own that can be ended in every way. */
const SOURCE = `
  import { pino } from "pino";
  import { createPerlRuntime } from "./src/runtimes/perl/perl.ts";
  const [workFolder, bwrap, text, end] = process.argv.slice(2);
  const options = { log: pino({ level: "silent" }), workFolder, ...(bwrap === "none" && { bwrap: null }) };
  const runtime = createPerlRuntime(options);
  const code = { namespace: "probe", sha256: "00", filename: "Probe.pm", source: Buffer.from(text) };
  const onHostRequest = async () => {
    process.stdout.write("begun\\n");
    setImmediate(() => {
      if (end === "exit") process.exit(0);
      if (end === "throw") throw new Error("end");
    });
  };
  runtime.call(code, { entry: "run", context: { arg: "", settings: {} }, onHostRequest, timeoutMs: 60_000 }).catch(() => {});
`;

/** The program finds the harness from where it lies, as the built server does. */
const folder = path.join(server, "dist", `perl-lifetime-${process.pid}`);

const start = async (bwrap: string, body: string, end: string): Promise<ChildProcess> => {
  const work = await tempFolder();
  const child = spawn(process.execPath, [path.join(folder, "main.mjs"), work, bwrap, perlText(body), end], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  return child;
};

describe.skipIf(noPerl || process.platform !== "linux")(
  "when the server ends, perl and what it started end",
  () => {
    beforeAll(async () => {
      const { outputFiles } = await build({
        stdin: { contents: SOURCE, resolveDir: server, loader: "ts" },
        bundle: true,
        platform: "node",
        format: "esm",
        external: ["pino", "typebox", "semver"],
        write: false,
      });
      program = outputFiles[0]?.text ?? "";

      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, "main.mjs"), program);
      await cp(path.join(server, "src/runtimes/perl/lib"), path.join(folder, "perl"), { recursive: true });
      return () => rm(folder, { recursive: true, force: true });
    });

    test("what a killed server left in the middle of a start ends with the next start", async () => {
      const workFolder = await tempFolder();
      const gone = execFileSync(process.execPath, ["-p", "process.pid"]).toString().trim();
      const left = path.join(workFolder, `hitagi-sandbox-${gone}-abcdef`);
      await mkdir(left);
      const child = spawn("perl", ["-e", "sleep 100", `${left}/1/tmp`], { stdio: "ignore" });
      const other = spawn("perl", ["-e", "sleep 100", workFolder], { stdio: "ignore" });
      onTestFinished(() => void [child, other].map((one) => one.kill("SIGKILL")));
      const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
      await vi.waitFor(() => expect(commandLines().filter((line) => line.includes(left))).toHaveLength(1));
      expect(await openPerl({ workFolder }).unavailable()).toBeUndefined();
      expect(await ended).toBe("SIGKILL");
      expect(other.exitCode ?? other.signalCode).toBeNull();
      await expect(stat(left)).rejects.toThrow(/ENOENT/);
    });

    const modes = noBubblewrap ? ["none"] : ["none", "found"];
    const ways = [
      ["by a signal that it cannot catch, with a plugin in an endless loop", "1 while 1;", "SIGKILL"],
      ["by a signal that it cannot catch, with a plugin that waits", "sleep 1 while 1;", "SIGKILL"],
      ["by leaving", "1 while 1;", "exit"],
      ["by an error that is not caught", "1 while 1;", "throw"],
    ] as const;

    test.each(modes.flatMap((mode) => ways.map((way) => [mode, ...way] as const)))(
      "with bubblewrap %s, %s",
      async (mode, _, body, end) => {
        const mark = `plugin-of-a-server-${process.pid}`;
        const marked = () => commandLines().filter((line) => line.startsWith(mark));
        const child = await start(
          mode,
          `$0 = "${mark}"; Hitagi::Host::notify(log => {level => "info", text => "x"}); ${body}`,
          end,
        );
        if (end === "SIGKILL") {
          expect(marked()).toHaveLength(1);
          child.kill("SIGKILL");
        }
        await vi.waitFor(() => expect(marked()).toEqual([]));
      },
    );
  },
);
