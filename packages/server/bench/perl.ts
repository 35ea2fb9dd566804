import { spawnSync } from "node:child_process";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { writeRegistry } from "../test/support/registry-fixture.ts";
import { withServices } from "./in-process.ts";
import { median, type Row, timed } from "./measure.ts";
import { addRegistry, install } from "./plugins.ts";
import { startServer } from "./server.ts";

const CALLS = 1_000;
const INSTALLS = 20;
const VERSIONS = 2 * INSTALLS + 10;
/** Milliseconds after which another perl is on standby. */
const REWARM_MS = 500;

/** A plugin as LANraragi has them: it returns its argument, and loads the usual modules. */
const echo = (version: string): string => `package LANraragi::Plugin::Managed::Scripts::Echo;
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
    return { version, source: echo(version), artifact: `plugins/${version}/Echo.pm` };
  });
  await writeRegistry(folder, [{ namespace: "perl-echo", type: "script", versions }]);
  return folder;
};

/** The floor of an install: the start of perl with Mojolicious. */
const barePerl = (): boolean => spawnSync("perl", ["-MMojolicious", "-e", "1"]).status === 0;

const warmCall = (folder: string): Promise<number> =>
  withServices(
    async ({ registries, catalog, installer, plugins }) => {
      const { id } = await registries.create({ name: "bench", provider: "local", path: folder });
      await catalog.refresh(id);
      await installer.install({ namespace: "perl-echo", registry: id, version: "1.0.0" });
      const use = () => plugins.use({ namespace: "perl-echo", arg: "hello" });
      return median(await timed(CALLS, use, { warmup: 200 }));
    },
    { HITAGI_PERL: "1" },
  );

interface Installs {
  /** With a perl on standby. */
  warm: number;
  /** One right after another, so that each waits for its perl to start. */
  cold: number;
  floor: number;
}

/** Milliseconds of installs over HTTP and of the bare start, alternating, so that noise affects all. */
const installs = async (folder: string): Promise<Installs> => {
  const server = await startServer(undefined, { HITAGI_PERL: "1" });
  try {
    const registry = await addRegistry(server.client, folder);
    const versions = Array.from({ length: 2 * INSTALLS }, (_, i) => `1.${i + 1}.0`);
    const next = () => timed(1, () => install(server.client, registry, "perl-echo", versions.shift()));
    const taken: number[][] = [];
    for (let i = 0; i < INSTALLS; i++) {
      taken.push([
        ...(await timed(1, barePerl, { pauseMs: REWARM_MS })),
        ...(await next()),
        ...(await next()),
      ]);
    }
    const of = (column: number) => median(taken.map((row) => row[column] ?? Number.NaN));
    return { floor: of(0), warm: of(1), cold: of(2) };
  } finally {
    await server.stop();
  }
};

/** Perl plugins: a call of one that runs, and an install. */
export const benchPerl = async (): Promise<Row[]> => {
  if (!barePerl()) {
    console.error("perl with Mojolicious is not installed, so that Perl plugins are not measured");
    return [];
  }
  const folder = await perlRegistry();
  const callMs = await warmCall(folder);
  const { warm, cold, floor } = await installs(folder);
  const installRow = (name: string, value: number): Row => ({
    name,
    value,
    unit: "ms",
    floor,
    target: "≤ 2.5× the start of perl with Mojolicious",
    met: value <= 2.5 * floor,
  });
  return [
    {
      name: "use of a Perl echo script, one after another",
      value: callMs,
      unit: "ms",
      target: "≤ 2 ms median",
      met: callMs <= 2,
    },
    installRow("install of a Perl plugin to finished, warm pool", warm),
    installRow("the same, one right after another", cold),
  ];
};
