import { describe } from "vitest";
import { runtimeContract } from "../runtime-contract.ts";
import { noPerl, perlText, unstopped } from "./fixture.ts";

const settings = `parameters => { a => {type => "int"}, b => {type => "bool"}, c => {type => "string"} },`;

describe.skipIf(noPerl)(`perl${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  runtimeContract(unstopped, {
    filename: "Probe.pm",
    echo: (version) =>
      perlText(
        `my %settings = %$params; delete $settings{oneshot};
         $settings{b} = \\1 if $settings{b};
         return (arg => $info->{oneshot_param}, settings => \\%settings);`,
        { info: settings, version },
      ),
    failing: perlText(`die "no luck";`),
    looping: perlText(`Hitagi::Host::request("library.get", {id => ""}); 1 while 1;`),
    asking: perlText(`return Hitagi::Host::request("library.get", {id => $info->{oneshot_param}});`),
    dying: perlText(`kill KILL => $$; sleep 1;`),
    broken: "this is not Perl",
    loopingLoad: perlText("", { top: "BEGIN { 1 while 1 }" }),
  });
});
