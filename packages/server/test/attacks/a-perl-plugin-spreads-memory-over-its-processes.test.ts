import { describe, expect, test } from "vitest";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

describe.skipIf(noBubblewrap)(
  `a Perl plugin with memory in its children${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  () => {
    test("of which each is below the limit is ended for all of them together", async () => {
      const body = `
      for (1 .. 5) { my $pid = fork // die $!; if (!$pid) { vec(my $kept, 90_000_000, 8) = 1; sleep 20; POSIX::_exit(length $kept) } }
      sleep 20; return (a => 1);`;
      const runtime = openPerl({ memoryMb: 128 });
      const call = runtime.call(perlScript(body, { top: "use POSIX ();" }), request());
      await expect(call).rejects.toMatchObject({ code: "PLUGIN_CRASHED" });
      await expect(call).rejects.toThrow(/it held more than 192 MB of memory/);
    });

    test("that they only share with it goes on", async () => {
      const body = `
      vec(my $kept, 80_000_000, 8) = 1;
      my @children = map { my $pid = fork // die $!; if (!$pid) { sleep 1; POSIX::_exit(0) } $pid } 1 .. 6;
      waitpid $_, 0 for @children;
      return (kept => length $kept);`;
      const runtime = openPerl({ memoryMb: 128 });
      expect(await runtime.call(perlScript(body, { top: "use POSIX ();" }), request())).toEqual({
        kept: 80_000_001,
      });
    });
  },
);
