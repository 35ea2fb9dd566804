import { spawn, spawnSync } from "node:child_process";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { killAtExit } from "../test/support/kill-at-exit.ts";
import { writeRegistry } from "../test/support/registry-fixture.ts";
import { compare, comparisonOf, type Pair } from "./compare.ts";
import { withServices } from "./in-process.ts";
import { type BenchOptions, compared, median, type Row, timed, timeOf } from "./measure.ts";
import { addRegistry, install } from "./plugins.ts";
import { startServer } from "./server.ts";

const CALLS = 500;
const INSTALLS = 20;
const VERSIONS = 2 * INSTALLS + 10;
/** Milliseconds after which another perl is on standby. */
const REWARM_MS = 500;

/** A plugin as LANraragi has them: it returns its argument, and loads the usual modules. */
export const perlEcho = (version: string): string => `package LANraragi::Plugin::Managed::Scripts::Echo;
use strict;
use warnings;
use Mojo::UserAgent;
use LANraragi::Utils::Logging qw(get_plugin_logger);
sub plugin_info {
    return (name => "Echo", type => "script", namespace => "perl-echo", author => "bench", version => "${version}",
        description => "Answers", oneshot_arg => "Text");
}
sub run_script { my (undef, $info) = @_; return (said => $info->{oneshot_param}); }
1;
`;

const perlRegistry = async (): Promise<string> => {
  const folder = ownFolder("hitagi-bench-registry-");
  const versions = Array.from({ length: VERSIONS }, (_, i) => {
    const version = `1.${i}.0`;
    return { version, source: perlEcho(version), artifact: `plugins/${version}/Echo.pm` };
  });
  await writeRegistry(folder, [{ namespace: "perl-echo", type: "script", versions }]);
  return folder;
};

/** The floor of an install: the start of perl with Mojolicious. */
const barePerl = (): boolean => spawnSync("perl", ["-MMojolicious", "-e", "1"]).status === 0;

/** The floor of a call: a bare perl that answers frames of a length and JSON, as the harness does. */
const ECHO = `use strict; use warnings; use JSON::PP; binmode STDIN; binmode STDOUT; $| = 1;
my $json = JSON::PP->new->utf8;
while (read(STDIN, my $head, 4) == 4) {
  read(STDIN, my $text, unpack("N", $head));
  my $answer = $json->encode({ said => $json->decode($text)->{arg} });
  print pack("N", length $answer), $answer;
}`;

const startBareEcho = () => {
  const child = killAtExit(spawn("perl", ["-e", ECHO], { stdio: ["pipe", "pipe", "inherit"] }));
  const text = Buffer.from(JSON.stringify({ arg: "hello" }));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(text.length);
  const frame = Buffer.concat([head, text]);
  const send = (): Promise<void> =>
    new Promise((resolve) => {
      child.stdout.once("data", () => resolve());
      child.stdin.write(frame);
    });
  return { send, stop: () => child.kill() };
};

const benchCall = (folder: string, tries: number): Promise<Row> =>
  withServices(
    async ({ registries, catalog, installer, plugins }) => {
      const { id } = await registries.create({ name: "bench", provider: "local", path: folder });
      await catalog.refresh(id);
      await installer.install({ namespace: "perl-echo", registry: id, version: "1.0.0" });
      const bare = startBareEcho();
      const use = () => plugins.use({ namespace: "perl-echo", arg: "hello" });
      const found = await compare(
        7,
        async () => ({
          floor: median(await timed(CALLS, bare.send, { warmup: 100 })),
          value: median(await timed(CALLS, use, { warmup: 100 })),
        }),
        tries,
      );
      bare.stop();
      return compared("perl-call", "call of a Perl echo script, in the server", "ms", found);
    },
    { HITAGI_PERL: "1" },
  );

/** Installs over HTTP and the bare start, alternating, so that noise affects all. */
const benchInstalls = async (folder: string): Promise<Row[]> => {
  const server = await startServer(undefined, { HITAGI_PERL: "1" });
  try {
    const registry = await addRegistry(server.client, folder);
    const versions = Array.from({ length: 2 * INSTALLS }, (_, i) => `1.${i + 1}.0`);
    const next = () => timeOf(() => install(server.client, registry, "perl-echo", versions.shift()));
    const warm: Pair[] = [];
    const cold: Pair[] = [];
    for (let i = 0; i < INSTALLS; i++) {
      const [floor = Number.NaN] = await timed(1, barePerl, { pauseMs: REWARM_MS });
      warm.push({ floor, value: await next() });
      cold.push({ floor, value: await next() });
    }
    return [
      compared("perl-install", "install of a Perl plugin to finished, warm pool", "ms", comparisonOf(warm)),
      compared("perl-install-cold", "the same, one right after another", "ms", comparisonOf(cold)),
    ];
  } finally {
    await server.stop();
  }
};

/** Perl plugins: a call of one that runs, and an install. */
export const benchPerl = async ({ tries }: BenchOptions): Promise<Row[]> => {
  if (!barePerl()) {
    console.error("perl with Mojolicious is not installed, so that Perl plugins are not measured");
    return [];
  }
  const folder = await perlRegistry();
  return [await benchCall(folder, tries), ...(await benchInstalls(folder))];
};
