import { describe, expect, test, vi } from "vitest";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";
import { commandLines } from "../support/processes.ts";

let last = 0;
const nextMark = () => `daemon-of-a-plugin-${process.pid}-${++last}`;

const allEnd = (mark: string) =>
  vi.waitFor(() => expect(commandLines().filter((line) => line.includes(mark))).toEqual([]));

/** Starts a process without a parent in a session of its own, which does this. @param mark its name */
const daemon = (mark: string, work: string) => `
  pipe(my $ready, my $done) or die $!;
  my $pid = fork // die $!;
  if (!$pid) { POSIX::setsid(); POSIX::_exit(0) if fork; $0 = "${mark}"; syswrite $done, "1"; ${work} }
  waitpid $pid, 0; sysread $ready, my $one, 1;`;

const sleeping = (mark: string) => daemon(mark, "sleep 100 while 1;");

const plugin = (body: string, top = "") => perlScript(body, { top: `use POSIX (); ${top}` });

describe.skipIf(noBubblewrap)(
  `a Perl plugin that leaves a process behind${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  () => {
    test.each([
      ["in a session of its own", sleeping],
      [
        "that starts the next one and ends, again and again",
        (mark: string) =>
          daemon(mark, "for (1 .. 100_000) { my $next = fork // next; POSIX::_exit(0) if $next }"),
      ],
    ])("%s: it ends with the call, and the next call has a new process", async (_, start) => {
      const mark = nextMark();
      const runtime = openPerl();
      const code = plugin(`our $calls++; ${start(mark)} return (calls => $calls);`);
      for (let n = 0; n < 2; n++) {
        expect(await runtime.call(code, request())).toEqual({ calls: 1 });
        await allEnd(mark);
      }
      expect(runtime.stats().crashes).toBe(0);
    });

    test("while it loads: it ends with the first call", async () => {
      const mark = nextMark();
      const runtime = openPerl();
      const code = plugin("return (a => 1);", `{ ${sleeping(mark)} }`);
      expect(await runtime.call(code, request())).toEqual({ a: 1 });
      await allEnd(mark);
    });

    test("and replaces the functions of the harness: it ends too", async () => {
      const mark = nextMark();
      const code = plugin(
        `my $pid = fork // die $!; if (!$pid) { $0 = "${mark}"; sleep 100 while 1 } return (left => 1);`,
        "no warnings; *Hitagi::ChildProcesses::end_children = sub {};",
      );
      expect(await openPerl().call(code, request())).toEqual({ left: 1 });
      await allEnd(mark);
    });

    test("that it waits for, or that is its child: the process stays", async () => {
      const runtime = openPerl({ standby: 0 });
      const code = plugin(
        `pipe(my $from, my $to) or die $!;
         for my $sleeps (0, 100) { my $pid = fork // die $!; if (!$pid) { syswrite $to, "said"; sleep $sleeps; POSIX::_exit(0) } waitpid $pid, 0 unless $sleeps }
         sysread $from, my $said, 8; our $calls++; return (said => $said, calls => $calls);`,
      );
      const lines: unknown[] = [];
      const onHostRequest = async (_: string, line: unknown) => lines.push(line);
      for (const calls of [1, 2])
        expect(await runtime.call(code, request({ onHostRequest }))).toEqual({
          said: expect.stringMatching(/^said/),
          calls,
        });
      expect(lines).toEqual(
        Array(2).fill({ level: "warn", text: "the call left 1 process(es) running: ended" }),
      );
    });
  },
);
