import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { openApp, type PerlPlugin } from "../perl/world.ts";
import { noPerl } from "../runtimes/perl/fixture.ts";

/** Ends its process for some arguments. */
const tagger: PerlPlugin = {
  namespace: "tagger",
  type: "metadata",
  stem: "Tagger",
  sub: `sub get_tags {
    my ($class, $info, $params) = @_;
    kill 'KILL', $$ if ($params->{oneshot} // '') =~ /^crash/;
    return (tags => "fine");
  }`,
};

/** Calls it with an argument that is new each time. */
const attacker: PerlPlugin = {
  namespace: "attacker",
  type: "script",
  stem: "Attacker",
  top: "use LANraragi::Utils::Plugins qw(use_plugin);",
  sub: `sub run_script {
    my ($class, $info) = @_;
    my (undef, $result) = use_plugin("tagger", $info->{oneshot_param}, "crash " . rand);
    return (said => $result->{error});
  }`,
};

test.skipIf(noPerl)(
  `for several callers, to have them set aside: only its own calls are refused${noPerl ? `, skipped: ${noPerl}` : ""}`,
  async () => {
    const { install, run, addArchive, plugins } = await openApp();
    const { id } = await addArchive("a");
    for (const one of [tagger, attacker]) await install(one);
    const said: unknown[] = [];
    for (const key of ["one", "two", "one", "two"]) {
      const { said: last } = (await run("attacker", { arg: id, actor: { kind: "api", key } })) as {
        said: string;
      };
      said.push(/process ended|crashed/.test(last));
    }
    expect(said).toEqual([true, true, true, false]);
    expect((await plugins.record(toNamespace("tagger"))).health.state).toBe("ok");
    for (const key of ["one", "two"])
      expect(await run("tagger", { archive: id, actor: { kind: "api", key } })).toMatchObject({
        new_tags: " fine",
      });
  },
);
