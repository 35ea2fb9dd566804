import { expect, test } from "vitest";
import { openApp } from "../perl/world.ts";
import { noPerl } from "../runtimes/perl/fixture.ts";

test.skipIf(noPerl)(
  `its output is read at a limited rate, and the call ends as any other${noPerl ? `, skipped: ${noPerl}` : ""}`,
  async () => {
    const { install, run } = await openApp();
    await install({
      namespace: "flood",
      type: "script",
      stem: "Flood",
      sub: `sub run_script {
        my $line = ("x" x 99_999) . "\\n";
        for (1 .. 300) { print $line; print STDERR $line; }
        return (done => 1) }`,
    });
    const before = process.memoryUsage().heapUsed;
    expect(await run("flood")).toEqual({ done: 1 });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
    expect(await run("flood")).toEqual({ done: 1 });
  },
);
