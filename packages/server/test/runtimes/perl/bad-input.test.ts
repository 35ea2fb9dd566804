import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { HostRequestHandler, Runtime } from "../../../src/runtimes/types.ts";
import { commandLines } from "../../support/processes.ts";
import { codeOf, request } from "../runtime-contract.ts";
import { noPerl, openPerl, perlScript, perlText, type Script, unstopped } from "./fixture.ts";

let shared: Runtime;

const run = (body: string, script?: Script, onHostRequest?: HostRequestHandler): Promise<unknown> =>
  shared.call(perlScript(body, script), request(onHostRequest && { onHostRequest }));

/** What the plugin said in its log. */
const logOf = async (body: string): Promise<{ lines: unknown[]; result: unknown }> => {
  const lines: unknown[] = [];
  const result = await run(body, {}, async (capability, args) => {
    if (capability === "log") lines.push(args);
    return null;
  });
  return { lines, result };
};

describe.skipIf(noPerl)(`a bad Perl plugin${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  beforeAll(() => {
    shared = unstopped();
  });
  afterAll(() => shared.stop());

  describe("that does not load", () => {
    const load = (text: string) => shared.vet(codeOf(text, "Probe.pm"), 20_000);

    test.each([
      ["dies", perlText("", { top: 'die "not today";' }), /not today at Probe\.pm line 6/],
      ["dies in BEGIN", perlText("", { top: 'BEGIN { die "not today" }' }), /not today/],
      ["dies with an object", perlText("", { top: "die { code => 5 };" }), /HASH/],
      ["does not compile", perlText("", { top: "my $x = ;" }), /syntax error at Probe\.pm line 6/],
      ["calls exit", perlText("", { top: "exit 3;" }), /the plugin called exit/],
      ["is not true at its end", perlText("").replace("\n1;\n", "\n0;\n"), /did not return a true value/],
      ["is empty", "", /did not return a true value|no package/],
      ["is no plugin", "package Foo; 1;", /declares no package below LANraragi::Plugin/],
      [
        "has no entry point",
        perlText("", { subs: "sub get_tags {}" }),
        /a script plugin needs a sub run_script/,
      ],
      ["says nothing of itself", "package LANraragi::Plugin::X; sub plugin_info { 5 } 1;", /returns no hash/],
      [
        "has a parameter that is none",
        perlText("", { info: "parameters => { a => 5 }," }),
        /parameter a is no hash/,
      ],
    ])("because it %s, says why", async (_, text, reason) => {
      const loading = load(text);
      await expect(loading).rejects.toMatchObject({ code: "LOAD_FAILED" });
      await expect(loading).rejects.toThrow(reason);
      await expect(loading).rejects.not.toThrow(/\/(work|usr|tmp|home|root)\//);
    });

    test.each([
      ["Some::Module", "", ""],
      ["YAML::PP::Nowhere", "", "libyaml-pp-perl"],
      ["Mojo::Nowhere", "", "libmojolicious-perl"],
      ["URI::Nowhere", "", "liburi-perl"],
    ])("because it lacks %s, names it and its package", async (module, _, debian) => {
      const words = `it needs the Perl module ${module}, which is not installed here`;
      const loading = load(perlText("", { top: `use ${module} qw(x);` }));
      await expect(loading).rejects.toMatchObject({ code: "LOAD_FAILED" });
      await expect(loading).rejects.toThrow(
        new RegExp(`${words}${debian ? `; on Debian: apt-get install ${debian}` : ""}$`),
      );
    });

    test("because it waits forever in BEGIN, is ended", async () => {
      const runtime = openPerl();
      const text = perlText("", { top: "BEGIN { sleep 1 while 1 }" });
      const check = runtime.vet(codeOf(text, "Probe.pm"), 1000);
      await expect(check).rejects.toMatchObject({ code: "LOAD_CHECK_FAILED" });
      await vi.waitFor(() => expect(runtime.stats().processes).toBe(runtime.stats().standby));
    });

    test("because it ends its process, says so", async () => {
      const loading = load(perlText("", { top: "use POSIX; POSIX::_exit(7);" }));
      await expect(loading).rejects.toMatchObject({ code: "LOAD_FAILED" });
      await expect(loading).rejects.toThrow(/its process ended/);
    });
  });

  describe("that returns", () => {
    const cases: [what: string, body: string, reason: RegExp][] = [
      ["undef", "return undef;", /run_script must return a hash, and it returned undef$/],
      ["a scalar", "return 5;", /must return a hash, and it returned a single value$/],
      ["a list", "return (1, 2, 3);", /it returned 3 values that are no pairs/],
      ["a list of references", "return ([], 2);", /it returned 2 values that are no pairs/],
      ["an array", "return [1];", /it returned a reference to array$/],
      ["a blessed object", 'return bless {}, "Foo";', /it returned an object of the class Foo$/],
      ["an object inside", 'return (a => [bless {}, "Foo"]);', /an object of the class Foo.* at \/a\/0$/],
      ["code", "return (a => sub {});", /holds a CODE reference, which JSON does not have at \/a$/],
      ["a circle", "my $x = {}; $x->{b} = $x; return (a => $x);", /the result refers to itself at \/a\/b$/],
      [
        "what is too deep",
        "my $x = {}; $x = [$x] for 1 .. 600; return (a => $x);",
        /is nested deeper than 480/,
      ],
      ["too many values", "return (a => [1 .. 100_000]);", /has more than 99000 values/],
      ["too much", 'return (a => "x" x 5_000_000);', /has 5000008 bytes of JSON, the limit is 4194304/],
      ["half a surrogate", "return (a => chr 0xd800);", /holds text that is not valid Unicode at \/a$/],
      ["no character", "no warnings; return (a => chr 0x7fffffff);", /holds text that is not valid Unicode/],
      [
        "nothing, as it lacks a module",
        "require Some::Missing;",
        /^it needs the Perl module Some::Missing, which is not installed here$/,
      ],
      ["an error", 'return (error => "nothing found");', /^nothing found$/],
      ["nothing, as it dies", 'die "はい\\n";', /^はい$/],
      ["nothing, as it dies of an object", "die {};", /HASH/],
      ["nothing, as it exits", "exit 1;", /the plugin called exit/],
      [
        "nothing, as a function is not there",
        "LANraragi::Model::Config->get_minion;",
        /^LANraragi::Model::Config::get_minion is not provided by Hitagi$/,
      ],
    ];
    /** All of them in one plugin, so that each is seen to leave the process well. */
    const all = perlScript(
      `my @cases = (${cases.map(([, body]) => `sub { ${body} }`).join(",\n")});
       return $info->{oneshot_param} eq "" ? (still => 'here') : $cases[$info->{oneshot_param}]->();`,
    );
    const runCase = (arg: string) => shared.call(all, request({ context: { arg, settings: {} } }));

    test.each(cases.map(([what, , reason], i) => [what, reason, i] as const))(
      "%s, is told what is wrong",
      async (_, reason, i) => {
        const call = runCase(String(i));
        await expect(call).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
        await expect(call).rejects.toThrow(reason);
        expect(await runCase("")).toEqual({ still: "here" });
      },
    );

    test("bytes, has them decoded as UTF-8, or as Latin-1 if they are not UTF-8", async () => {
      expect(await run('return (a => "\\xff\\xfe", b => "\\xe3\\x81\\x82");')).toEqual({ a: "ÿþ", b: "あ" });
    });
  });

  test("that prints, has it in its log, and no frame is harmed", async () => {
    const { lines, result } = await logOf(`
      print "one\\ntwo"; printf "%s\\n", "!"; syswrite STDOUT, "three\\n"; $| = 1; warn "careful\\n";
      print STDERR "not kept\\n"; system("$^X", "-e", "print 1"); print "end\\n"; binmode STDOUT, ":utf8";
      return (printed => 1);`);
    expect(result).toEqual({ printed: 1 });
    expect(lines).toEqual([
      { level: "info", text: "one" },
      { level: "info", text: "two!" },
      { level: "info", text: "three" },
      { level: "warn", text: "careful" },
      { level: "info", text: "end" },
    ]);
  });

  test("that prints without end, is cut short, keeps its last line, and goes on", async () => {
    const { lines, result } = await logOf(
      'print "line\n" for 1 .. 20_000; print "end"; return (printed => 1);',
    );
    expect(result).toEqual({ printed: 1 });
    expect(lines.length).toBeLessThan(3000);
    expect(lines.at(-1)).toEqual({ level: "info", text: "end" });
  });

  test("that sets an alarm and leaves it, ends nothing but its call", async () => {
    const code = perlScript(
      "alarm 1 if $info->{oneshot_param} eq ''; sleep 2 if $info->{oneshot_param}; return (a => 1);",
    );
    expect(await shared.call(code, request())).toEqual({ a: 1 });
    expect(await shared.call(code, request({ context: { arg: "wait", settings: {} } }))).toEqual({ a: 1 });
  });

  test("that crashes while a child in another session holds its pipes, fails its call, and the child ends", async () => {
    const runtime = openPerl({ bwrap: null });
    const mark = `session-of-a-plugin-${process.pid}`;
    const marked = () => commandLines().filter((line) => line.includes(`\0${mark}`));
    const body = `
      my $pid = fork // die;
      if (!$pid) { POSIX::setsid(); exec $^X, "-e", "sleep 100", "${mark}" }
      Hitagi::Host::request("library.get");
      kill KILL => $$; sleep 100;`;
    const onHostRequest: HostRequestHandler = async () => {
      await vi.waitFor(() => expect(marked()).toHaveLength(1));
      return null;
    };
    const call = runtime.call(perlScript(body, { top: "use POSIX ();" }), request({ onHostRequest }));
    await expect(call).rejects.toMatchObject({ code: "PLUGIN_CRASHED" });
    await runtime.stop();
    expect(marked()).toEqual([]);
  });

  test("that reads its input, gets nothing of the host's", async () => {
    expect(await run("my $line = <STDIN>; return (line => $line);")).toEqual({ line: null });
  });

  test("that forks, answers once, and its child ends with the call", async () => {
    const mark = `left-by-a-plugin-${process.pid}`;
    const left = () => commandLines().filter((line) => line.includes(mark));
    const body = `
      my $pid = fork // die; if (!$pid) { $0 = "${mark}"; sleep 100 while 1; }
      select undef, undef, undef, 0.2;
      return (forked => 1);`;
    expect(await run(body)).toEqual({ forked: 1 });
    if (existsSync("/proc/self/task")) await vi.waitFor(() => expect(left()).toEqual([]));
    expect(await run("return (still => 'here');")).toEqual({ still: "here" });
  });

  test("whose child returns too, answers once", async () => {
    expect(await run("fork; return (a => 1);")).toEqual({ a: 1 });
    expect(await run("return (still => 'here');")).toEqual({ still: "here" });
  });

  test("whose child asks the host, is refused", async () => {
    const body = `
      pipe my $from, my $to; my $pid = fork // die;
      if (!$pid) { eval { Hitagi::Host::request("library.get") }; print {$to} $@; close $to; POSIX::_exit(0) }
      close $to; my $said = <$from>; waitpid $pid, 0; chomp $said; return (said => $said);`;
    expect(await run(body, { top: "use POSIX;" })).toEqual({
      said: "library.get cannot be asked by a forked process",
    });
  });

  test("that leaves an orphan process, ends it when it is retired", async () => {
    const runtime = openPerl();
    const mark = `orphan-of-a-plugin-${process.pid}`;
    const code = perlScript(`
      my $pid = fork // die; if (!$pid) { exit 0 if fork; $0 = "${mark}"; sleep 100 while 1; }
      waitpid $pid, 0; return (forked => 1);`);
    expect(await runtime.call(code, request())).toEqual({ forked: 1 });
    runtime.retire(code);
    await vi.waitFor(() => expect(commandLines().filter((line) => line.includes(mark))).toEqual([]));
  });

  test("that uses all memory, is ended with a message about it", async () => {
    const runtime = openPerl({ memoryMb: 64 });
    const call = runtime.call(perlScript('my @all; push @all, "x" x 1_000_000 while 1;'), request());
    await expect(call).rejects.toMatchObject({ code: "PLUGIN_CRASHED" });
    await expect(call).rejects.toThrow(/ran out of memory|held more than/);
  });
});
