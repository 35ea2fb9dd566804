import { expect, test } from "vitest";
import { type Logged, openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { noPerl, openPerl, perlText } from "../runtimes/perl/fixture.ts";

const FLOOD = 25_000;

/** A plugin that logs numbered lines in one burst, and then its error. */
const flooding = (statement: string) =>
  pluginSource(
    { namespace: "flood", type: "script" },
    `for (let n = 1; n <= ${FLOOD}; n++) { ${statement} } console.error("the real error"); throw new Error("no luck");`,
  );

const OMISSION = /^(\d+) lines of this log are left out/;

/** Expects the first 500 and the last 500 lines, and a count of the others. @param prefix of each numbered line */
const expectBothEnds = (lines: readonly Logged[], namespace: string, prefix = ""): void => {
  const log = lines.filter(({ plugin }) => plugin === namespace).map(({ msg }) => msg);
  const numbered = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => `${prefix}${from + n}`);
  expect(log.slice(0, 500)).toEqual(numbered(1, 500));
  expect(log.slice(-500)).toEqual([...numbered(FLOOD - 498, 499), `${prefix}the real error`]);
  const leftOut = log.map((text) => Number(OMISSION.exec(text)?.[1] ?? 0)).reduce((a, b) => a + b);
  const kept = log.filter((text) => !OMISSION.test(text)).length;
  expect(leftOut + kept).toBe(FLOOD + 1);
  expect(kept).toBeLessThan(3000);
};

test.each([
  ["console", "console.log(String(n));"],
  ["the plugin's log", "ctx.log.info(String(n));"],
])("by %s: the first 500 and the last 500 lines are kept, the others are counted", async (_, statement) => {
  const { sideload, plugins, lines, runtime } = await openPlugins();
  await sideload(flooding(statement));
  await expect(plugins.use({ namespace: "flood" })).rejects.toMatchObject({
    code: "PLUGIN_FAILED",
    message: "no luck",
  });
  await expect.poll(() => lines.at(-1)?.msg).toBe("the real error");
  expectBothEnds(lines, "flood");
  expect(runtime.stats().crashes).toBe(0);
  expect((await plugins.record("flood")).health.state).toBe("ok");
});

test("with lines of megabytes: they are shortened, and the last one is there", async () => {
  const { sideload, plugins, lines } = await openPlugins();
  const source = pluginSource(
    { namespace: "flood", type: "script" },
    `const long = "x".repeat(5e6); for (let n = 0; n < 100; n++) console.log(long); console.log("end"); return 1;`,
  );
  await sideload(source);
  expect((await plugins.use({ namespace: "flood" })).data).toEqual({ result: 1 });
  await expect.poll(() => lines.at(-1)?.msg).toBe("end");
  expect(Math.max(...lines.map(({ msg }) => msg.length))).toBeLessThanOrEqual(4096);
});

test.skipIf(noPerl).each([
  [
    "its logger",
    'my $log = get_plugin_logger(); $log->info($_) for 1 .. FLOOD; $log->error("the real error");',
    "[Probe] ",
  ],
  ["print, without the end of its last line", 'print "$_\n" for 1 .. FLOOD; print "the real error";', ""],
  ["warn", 'warn "$_\n" for 1 .. FLOOD; warn "the real error\n";', ""],
])(`in Perl by %s${noPerl ? `, skipped: ${noPerl}` : ""}`, async (_, statement, prefix) => {
  const perl = openPerl();
  const { plugins, lines, write } = await openPlugins({ runtimes: [perl] });
  const top = "use LANraragi::Utils::Logging qw(get_plugin_logger);";
  const body = `${statement.replaceAll("FLOOD", String(FLOOD))} die "no luck\n";`;
  const text = perlText(body, { top }).replace("Plugin::Managed::Scripts", "Plugin::Sideloaded");
  await write("plugins/Sideloaded/Probe.pm", text);
  await plugins.scan();
  await expect(plugins.use({ namespace: "probe" })).rejects.toMatchObject({
    code: "PLUGIN_FAILED",
    message: "no luck",
  });
  await expect.poll(() => lines.at(-1)?.msg).toBe(`${prefix}the real error`);
  expectBothEnds(lines, "probe", prefix);
  expect(perl.stats().crashes).toBe(0);
  expect((await plugins.record("probe")).health.state).toBe("ok");
});
