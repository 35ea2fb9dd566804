import { describe, expect, test, vi } from "vitest";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";
import { commandLines } from "../support/processes.ts";

const marked = (mark: string) => commandLines().filter((line) => line.startsWith(mark));

describe.skipIf(noBubblewrap)(
  `a Perl plugin that starts processes${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  () => {
    test("without end is ended with all of them, and never has more than 64", async () => {
      const mark = `bomb-of-a-plugin-${process.pid}`;
      let most = 0;
      const count = setInterval(() => {
        most = Math.max(most, marked(mark).length);
      }, 100);
      // Bounded, should it ever get through.
      const body = `$0 = "${mark}"; my $end = time + 10; while (time < $end) { fork } sleep 1; return (a => 1);`;
      const call = openPerl().call(perlScript(body), request());
      await expect(call).rejects.toMatchObject({ code: "PLUGIN_CRASHED" });
      await expect(call).rejects.toThrow(/it started 64 processes/);
      await vi.waitFor(() => expect(marked(mark)).toEqual([]));
      clearInterval(count);
      expect(most).toBeLessThanOrEqual(64);
    });

    test("that leave their parent and their session is ended too", async () => {
      const mark = `daemons-of-a-plugin-${process.pid}`;
      const body = `
      for (1 .. 400) {
        my $pid = fork // next;
        if (!$pid) { POSIX::setsid(); POSIX::_exit(0) if fork; $0 = "${mark}"; sleep 20; POSIX::_exit(0) }
        waitpid $pid, 0;
      }
      sleep 20; return (a => 1);`;
      const call = openPerl().call(perlScript(body, { top: "use POSIX ();" }), request());
      await expect(call).rejects.toThrow(/it started 64 processes/);
      await vi.waitFor(() => expect(marked(mark)).toEqual([]));
    });

    test("a few at a time goes on", async () => {
      const body = `
      my $sum = 0;
      for my $round (1 .. 5) {
        my @children = map { my $pid = open(my $from, '-|') // die $!; if (!$pid) { print $_; POSIX::_exit(0) } $from } 1 .. 8;
        $sum += <$_> for @children;
      }
      return (sum => $sum);`;
      const plugin = perlScript(body.replace("print $_;", "syswrite STDOUT, $_;"), { top: "use POSIX ();" });
      expect(await openPerl().call(plugin, request())).toHaveProperty("sum");
    });
  },
);
