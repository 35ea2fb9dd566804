import { execFile } from "node:child_process";
import { chown, cp, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { OTHER_USER } from "../../support/without-root.ts";
import { noBubblewrap, perlText } from "./fixture.ts";

const server = path.resolve(import.meta.dirname, "../../..");

/** A server in small: runs scripts one after the other, and prints what each returned. */
const SOURCE = `
  import { pino } from "pino";
  import { createPerlRuntime } from "./src/runtimes/perl/perl.ts";
  const [workFolder, ...texts] = process.argv.slice(2);
  const runtime = createPerlRuntime({ log: pino({ level: "silent" }), workFolder, folderMb: 32, memoryMb: 128, standby: 0 });
  const seen = [await runtime.confinement()];
  for (const [n, text] of texts.entries()) {
    const code = { namespace: "probe", sha256: "0" + n, filename: "Probe.pm", source: Buffer.from(text) };
    const call = { entry: "run", context: { arg: "", settings: {} }, onHostRequest: async () => null, timeoutMs: 150_000 };
    seen.push(await runtime.call(code, call).catch((e) => e.message));
  }
  await runtime.stop();
  process.stdout.write(JSON.stringify(seen));
`;

/** The program lies beside the built server, whose modules and harness it finds. */
const buildProgram = async (folder: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: SOURCE, resolveDir: server, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    alias: { "@hitagi/contract": path.join(server, "../contract/src/index.ts") },
    write: false,
  });
  await mkdir(folder, { recursive: true });
  const program = path.join(folder, "main.mjs");
  await writeFile(program, outputFiles[0]?.text ?? "");
  await cp(path.join(server, "src/runtimes/perl/lib"), path.join(folder, "perl"), { recursive: true });
  return program;
};

test.skipIf(noBubblewrap)("the limits of Perl plugins hold under a server that is not root", async () => {
  const folder = path.join(server, "dist", `perl-another-user-${process.pid}`);
  const program = await buildProgram(folder);
  // Not below the temporary folders of the tests, which only their user may enter.
  const work = path.join(folder, "work");
  await mkdir(work);
  const user = process.getuid?.() === 0 ? { uid: OTHER_USER, gid: OTHER_USER } : {};
  if (user.uid !== undefined) await chown(work, OTHER_USER, OTHER_USER);
  const scripts = [
    `my @written = grep { open my $out, '>', "$_/probe" } "/", "/dev", "/host", "/archives", "/hitagi"; return (written => \\@written);`,
    "my $end = time + 10; while (time < $end) { fork } return (ended => 0);",
    'for (1 .. 20) { open my $out, ">:raw", "$info->{tempdir}/$_" or die "$!\\n"; print {$out} "x" x 4_000_000 or die "$!\\n"; close $out or die "$!\\n" } return (full => 0);',
    "for (1 .. 4) { my $pid = fork // die $!; if (!$pid) { vec(my $kept, 80_000_000, 8) = 1; sleep 20; exit } } sleep 20; return (a => 1);",
  ].map((body) => perlText(body));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, work, ...scripts], {
      ...user,
      cwd: work,
    });
    const seen: unknown[] = JSON.parse(stdout);
    expect(seen.slice(0, 2)).toEqual([
      expect.objectContaining({ files: "confined", network: "broker" }),
      { written: [] },
    ]);
    expect(seen.slice(2)).toEqual([
      expect.stringContaining("it started 64 processes"),
      expect.stringContaining("filled its temporary folder"),
      expect.stringContaining("it held more than 192 MB of memory"),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
