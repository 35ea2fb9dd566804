import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { startChild } from "../../../src/async/child-process.ts";
import { seccompFilter } from "../../../src/runtimes/processes/seccomp-filter.ts";
import { checkedCalls, refusedCalls, startingCalls } from "../../../src/runtimes/processes/system-calls.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { good, openRuntime } from "../deno/fixture.ts";
import { noBubblewrap, openPerl, perlScript } from "../perl/fixture.ts";
import { request } from "../runtime-contract.ts";

/** What perl prints behind a filter, and its exit code or the signal that ended it. */
const runBehind = async (
  filter: Buffer | undefined,
  perl: string,
): Promise<{ output: string; ended: string }> => {
  const args = ["--unshare-user", "--dev-bind", "/", "/", "--seccomp", "3", "perl", "-e", perl];
  const child = startChild("bwrap", args, { third: filter });
  const closed = once(child, "close");
  child.stdin.end();
  child.stderr.resume();
  const output = await text(child.stdout);
  const [code, signal] = await closed;
  return { output, ended: String(code ?? signal) };
};

const [own, other] = process.arch === "x64" ? ["x64", "arm64"] : ["arm64", "x64"];
const noFilter = noBubblewrap ?? (seccompFilter(true) ? undefined : "no filter for this machine");

test("machines whose numbers are not known have no filter", () => {
  expect(["ia32", "arm", "loong64", "ppc64", "s390x"].map((machine) => seccompFilter(true, machine))).toEqual(
    new Array(5).fill(undefined),
  );
});

describe.skipIf(noFilter)(`in bubblewrap${noFilter ? `, skipped: ${noFilter}` : ""}`, () => {
  test("the filter of this machine is loaded, and leaves nothing open", async () => {
    // The file takes the lowest free descriptor.
    const perl = `open my $status, '<', '/proc/self/status'; print fileno $status, grep { /^Seccomp:/ } <$status>`;
    expect(await runBehind(seccompFilter(true, own), perl)).toEqual({ output: "3Seccomp:\t2\n", ended: "0" });
  });

  test("behind the filter of another machine no call exists, not even to print or to exit", async () => {
    const { output, ended } = await runBehind(seccompFilter(true, other), "print 1");
    expect(output).toBe("");
    expect(ended).not.toBe("0");
  });

  test("the filter of programs that start no others refuses every way to do so, and lets threads be", async () => {
    const clone = process.arch === "x64" ? checkedCalls.clone.x64 : checkedCalls.clone.generic;
    const ways = {
      fork: "defined fork",
      vfork: "system('true') != -1",
      clone: `syscall(${clone}, 17, 0, 0, 0, 0) != -1`,
    };
    const started = Object.entries(ways).map(([name, way]) => `push @done, '${name}' if ${way};`);
    const perl = `my $own = $$; my @done; ${started.join(" ")} print "@done;" if $$ == $own;`;
    expect(await runBehind(seccompFilter(false), perl)).toEqual({ output: ";", ended: "0" });
    expect(await runBehind(seccompFilter(true), perl)).toEqual({ output: "fork vfork clone;", ended: "0" });
  });

  test("where the kernel has no filters, plugins run without one, and their record does not name it", async () => {
    const bwrap = path.join(await tempFolder(), "bwrap");
    const program = `#!/bin/sh
      case " $* " in *" --seccomp "*) echo "bwrap: prctl(PR_SET_SECCOMP): Invalid argument" >&2; exit 1;; esac
      exec /usr/bin/bwrap "$@"`;
    await writeFile(bwrap, program, { mode: 0o755 });
    const [deno, perl] = [openRuntime({ bwrap }), openPerl({ bwrap })];
    expect(await deno.call(good, request())).toBe("good");
    expect(await perl.call(perlScript("return (a => 1);"), request())).toEqual({ a: 1 });
    for (const { confinement } of [deno, perl]) {
      const { walls, reason } = await confinement();
      expect(walls).toContain("bubblewrap");
      expect(walls).not.toContain("seccomp");
      expect(reason).toBe(undefined);
    }
  });

  test("it is a wall of both runtimes", async () => {
    for (const runtime of [openRuntime(), openPerl()])
      expect((await runtime.confinement()).walls).toEqual(expect.arrayContaining(["bubblewrap", "seccomp"]));
  });
});

const HEADERS = {
  x64: "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
  generic: "/usr/include/asm-generic/unistd.h",
} as const;

for (const machine of ["x64", "generic"] as const) {
  test.skipIf(!existsSync(HEADERS[machine]))(
    `the numbers for ${machine} are those of the kernel's headers`,
    () => {
      const header = readFileSync(HEADERS[machine], "utf8");
      const known = new Map(
        [...header.matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm)].map(([, name, n]) => [
          name,
          Number(n),
        ]),
      );
      const calls = Object.entries({ ...refusedCalls, ...startingCalls, ...checkedCalls });
      expect(calls.map(([name, numbers]) => [name, numbers[machine]])).toEqual(
        calls.map(([name]) => [name, known.get(name)]),
      );
    },
  );
}
