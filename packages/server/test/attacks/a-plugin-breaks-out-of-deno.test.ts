import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { json } from "node:stream/consumers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startChild } from "../../src/async/child-process.ts";
import { type ConfinedDeno, confineDeno } from "../../src/runtimes/deno/bubblewrap.ts";
import type { DenoRuntimeOptions } from "../../src/runtimes/deno/deno.ts";
import { denoBinary, harnessFile } from "../../src/runtimes/deno/locate.ts";
import { refusedCalls } from "../../src/runtimes/processes/system-calls.ts";
import { noBubblewrap, openRuntime, script } from "../runtimes/deno/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";
import { commandLines } from "../support/processes.ts";
import { tempFolder } from "../support/temp-folder.ts";

const env = { DENO_DIR: "/dev/null/deno", NO_COLOR: "1" };

/** The command of a Deno in bubblewrap that has every permission, as if Deno's own wall had fallen. */
const commandOf = async (code: string): Promise<ConfinedDeno> => {
  const folder = await tempFolder();
  const files = {
    deno: denoBinary(),
    harness: path.join(folder, "harness", "harness.js"),
    importMap: path.join(folder, "harness", "import-map.json"),
    empty: path.join(folder, "empty"),
  };
  await mkdir(files.empty);
  await mkdir(path.dirname(files.harness));
  await writeFile(files.importMap, "{}");
  await writeFile(files.harness, code);
  const args = ["run", "--allow-all", "--no-config", "--no-lock", "--no-remote"];
  return confineDeno("/usr/bin/bwrap", files, {
    commandOf: ({ deno, harness }) => [deno, ...args, harness],
    env,
  });
};

/** What the code prints, as JSON. */
const run = async (code: string): Promise<unknown> => {
  const { command, filter } = await commandOf(code);
  const [file = "", ...args] = command;
  const child = startChild(file, args, { env, third: filter });
  onTestFinished(() => void child.kill("SIGKILL"));
  return json(child.stdout);
};

/** The attempts that did not fail. */
const succeeding = (attempts: readonly string[]): Promise<unknown> =>
  run(`const got = [];
    for (const [text, go] of [${attempts.map((text) => `[${JSON.stringify(text)}, async () => ${text}]`).join(",")}])
      try { await go(); got.push(text); } catch {}
    console.log(JSON.stringify(got));`);

describe.skipIf(noBubblewrap)(`and in bubblewrap${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`, () => {
  test("finds no file but Deno, its libraries and the harness", async () => {
    const code = `const list = (folder) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      const all = (folder) => [...Deno.readDirSync(folder)].flatMap((e) =>
        e.isDirectory ? all(folder + "/" + e.name) : [e.name]);
      console.log(JSON.stringify({ root: list("/"), devices: list("/dev"), harness: list("/harness"),
        libraries: all("/usr").filter((name) => !/^(lib[a-z_]+|ld-[\\w-]+)\\.so\\.\\d$/.test(name)) }))`;
    const found = (await run(code)) as { root: string[] };
    expect(found).toMatchObject({
      devices: ["null", "random", "urandom"],
      harness: ["harness.js", "import-map.json"],
      libraries: [],
    });
    const links = ["bin", "lib", "lib32", "lib64", "libx32"];
    expect(found.root.filter((name) => !links.includes(name))).toEqual([
      "deno",
      "dev",
      "empty",
      "harness",
      "proc",
      "usr",
    ]);
  });

  test("reads nothing of the machine, by path or through a process", async () => {
    const here = path.resolve(import.meta.dirname);
    expect(
      await succeeding([
        `Deno.readTextFile("/etc/passwd")`,
        `Deno.readTextFile("/proc/1/root/etc/passwd")`,
        `Deno.readTextFile("/proc/${process.pid}/environ")`,
        `Deno.readDir("/root").next()`,
        `Deno.readDir(${JSON.stringify(here)}).next()`,
        `Deno.readTextFile(${JSON.stringify(path.join(here, "README.md"))})`,
      ]),
    ).toEqual([]);
  });

  test("writes nowhere, not even in memory", async () => {
    const places = ["/", "/tmp", "/empty", "/harness", "/dev", "/dev/shm", "/usr/lib", "/proc/sys/kernel"];
    expect(
      await succeeding([
        ...places.map((folder) => `Deno.writeTextFile("${folder}/x", "x")`),
        ...places.map((folder) => `Deno.mkdir("${folder}/y")`),
        `Deno.makeTempFile()`,
        `Deno.writeTextFile("/harness/harness.js", "x")`,
      ]),
    ).toEqual([]);
  });

  test("connects to nothing, not to this machine either", async () => {
    const connected = vi.fn();
    const server = createServer(connected).listen(0, "127.0.0.1");
    const abstract = `hitagi-test-${process.pid}`;
    const local = createServer(connected).listen(`\0${abstract}`);
    onTestFinished(() => {
      server.close();
      local.close();
    });
    await vi.waitFor(() => expect([server.listening, local.listening]).toEqual([true, true]));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    expect(
      await succeeding([
        `Deno.connect({ hostname: "127.0.0.1", port: ${port} })`,
        `fetch("http://127.0.0.1:${port}/")`,
        `Deno.connect({ hostname: "192.0.2.1", port: 80 })`,
        `Deno.resolveDns("localhost", "A")`,
        `Deno.connect({ transport: "unix", path: "\\0${abstract}" })`,
        `Deno.connect({ transport: "unix", path: "/run/docker.sock" })`,
      ]),
    ).toEqual([]);
    expect(connected).not.toHaveBeenCalled();
  });

  test("sees and ends no process of the machine, and runs no program of it", async () => {
    const code = `const own = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Boolean);
      const node = await import("node:os");
      console.log(JSON.stringify({ own: own.length, host: Deno.hostname(), user: Deno.uid(), env: Object.keys(Deno.env.toObject()).sort() }))`;
    expect(await run(code)).toEqual({
      own: 2,
      host: "plugin",
      user: 65534,
      env: ["DENO_DIR", "NO_COLOR", "PWD"],
    });
    expect(
      await succeeding([
        `Deno.kill(${process.pid}, "SIGCONT")`,
        `new Deno.Command("/bin/sh", { args: ["-c", "true"] }).output()`,
        `new Deno.Command("/usr/bin/env").output()`,
        `new Deno.Command("/proc/${process.pid}/exe").output()`,
      ]),
    ).toEqual([]);
  });

  test("has no system call that makes memory of no process, by libc", async () => {
    const call = (number: number, ...args: number[]): string =>
      `syscall(${[number, ...args].join("n, ")}n) === -1n ? "refused" : "made"`;
    const calls = { memory: refusedCalls.memfd_create, segment: refusedCalls.shmget };
    const numbers = Object.values(calls).map(
      ({ x64, generic }) => (process.arch === "x64" ? x64 : generic) ?? 0,
    );
    const [memory = 0, segment = 0] = numbers;
    const code = `const { symbols: { syscall } } = Deno.dlopen("libc.so.6",
        { syscall: { parameters: ["i64", "i64", "i64", "i64"], result: "i64" } });
      console.log(JSON.stringify({ self: syscall(${process.arch === "x64" ? 39 : 172}n, 0n, 0n, 0n) > 0n,
        memory: ${call(memory, 0, 0, 0)}, segment: ${call(segment, 0, 4096, 0o1600)} }))`;
    expect(await run(code)).toEqual({ self: true, memory: "refused", segment: "refused" });
  });

  test("starts no process, not even of its own program", async () => {
    const { command, filter } = await commandOf("");
    expect(filter).not.toBeUndefined();
    expect(command).toContain("--seccomp");
    expect(
      await succeeding([
        `new Deno.Command("/deno", { args: ["--version"] }).output()`,
        `new Deno.Command("/proc/self/exe", { args: ["--version"] }).spawn()`,
      ]),
    ).toEqual([]);
  });

  test("the record of its plugins names the wall", async () => {
    expect(await openRuntime().confinement()).toMatchObject({
      files: "confined",
      network: "confined",
      walls: expect.arrayContaining(["deno", "bubblewrap", "seccomp"]),
    });
  });
});

/** What the command line of a started process says. */
const startedIn = (folder: string): string => `started in ${path.basename(folder)}`;

/** A harness that gives plugins `Math.start`, which starts a process of Deno's own program. */
const faultyHarness = async (folder: string): Promise<string> => {
  const harness = path.join(folder, "harness.js");
  const loop = `'${startedIn(folder)}'; for (;;) await new Promise((r) => setTimeout(r, 1000))`;
  const start = `const { Command, execPath } = Deno; Math.start = () => void new Command(execPath(), { args: ["eval", "${loop}"] }).spawn();`;
  await writeFile(harness, `${start}\n${await readFile(harnessFile(), "utf8")}`);
  await copyFile(path.join(path.dirname(harnessFile()), "compiler.js"), path.join(folder, "compiler.js"));
  return harness;
};

const ALLOWED = "--allow-run --allow-read";

/** Programs that give Deno permissions, as if its own wall had fallen. */
const withoutFilter = `#!/bin/sh
  case " $* " in *" --seccomp "*) exit 1;; esac
  for one do shift; set -- "$@" "$one"; [ "$one" = run ] && set -- "$@" ${ALLOWED}; done
  exec /usr/bin/bwrap "$@"`;
const withoutBubblewrap = `#!/bin/sh
  shift; exec ${denoBinary()} run ${ALLOWED} "$@"`;

describe.runIf(process.platform === "linux")("and starts a process where no filter stands:", () => {
  const watched = async (options: Partial<DenoRuntimeOptions>, folder: string) => {
    const runtime = openRuntime({ ...options, harness: await faultyHarness(folder), standby: 0 });
    const attack = script(`Math.start(); await new Promise(() => {})`);
    await expect(runtime.call(attack, request())).rejects.toMatchObject({
      code: "PLUGIN_CRASHED",
      message: expect.stringContaining("it started a process"),
    });
    expect(runtime.stats().crashes).toBe(1);
    const left = () => commandLines().filter((line) => line.includes(startedIn(folder)));
    await vi.waitFor(() => expect(left()).toEqual([]));
  };

  test("the pool ends it with all of them", async () => {
    const folder = await tempFolder();
    const denoPath = path.join(folder, "deno");
    await writeFile(denoPath, withoutBubblewrap, { mode: 0o755 });
    await watched({ denoPath, bwrap: null }, folder);
  });

  test.skipIf(noBubblewrap)("the pool ends it in bubblewrap too", async () => {
    const folder = await tempFolder();
    const bwrap = path.join(folder, "bwrap");
    await writeFile(bwrap, withoutFilter, { mode: 0o755 });
    await watched({ bwrap }, folder);
  });
});

test("where bubblewrap does not work: plugins run, and their record says why Deno is the only wall", async () => {
  const folder = await tempFolder();
  const bwrap = path.join(folder, "bwrap");
  const refusing = "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n";
  await writeFile(bwrap, refusing, { mode: 0o755 });
  const { walls, reason } = await openRuntime({ bwrap }).confinement();
  expect(walls).not.toContain("bubblewrap");
  expect(reason).toBe("bubblewrap does not work on this machine: No permissions to create new namespace");
  const missing = await openRuntime({ bwrap: null }).confinement();
  expect(missing.reason).toBe("bubblewrap is not installed; on Debian: apt-get install bubblewrap");
});
