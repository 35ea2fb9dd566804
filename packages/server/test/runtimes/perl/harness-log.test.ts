import { pino } from "pino";
import { expect, test } from "vitest";
import { request } from "../runtime-contract.ts";
import { noPerl, openPerl, perlScript } from "./fixture.ts";

test.skipIf(noPerl)("the harness itself logs nothing while it loads and runs a plugin", async () => {
  const logged: string[] = [];
  const perl = openPerl({ log: pino({ level: "trace" }, { write: (line) => logged.push(line) }) });
  const code = perlScript("return (a => 1);");
  await perl.vet(code, 20_000);
  expect(await perl.call(code, request())).toEqual({ a: 1 });
  await perl.stop();
  expect(logged.filter((line) => line.includes("a plugin logged outside of its calls"))).toEqual([]);
});
