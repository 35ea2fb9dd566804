import { expect, test } from "vitest";
import { createModuleFinder } from "../../src/runtimes/perl/plugin-modules.ts";
import type { PluginCode } from "../../src/runtimes/types.ts";
import { codeOf } from "../runtimes/runtime-contract.ts";
import { processorTime } from "../support/processor-time.ts";

const lines = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join("\n");

/** Declares and names as many packages as fit into a plugin's file. */
const wide = (letter: string): PluginCode =>
  codeOf(
    `package LANraragi::Plugin::Metadata::${letter};
${lines(3000, (n) => `package LANraragi::Plugin::${letter}${n};`)}
${lines(3000, (n) => `LANraragi::Plugin::Other${n}::f();`)}`,
    `${letter}.pm`,
  );

/** One name with thousands of segments. */
const deep = (): PluginCode => codeOf(`LANraragi::Plugin::A${"::b".repeat(300_000)}`, "Deep.pm");

test("the packages of a file are found in the time of some readings of its text", () => {
  for (const make of [() => wide("A"), deep]) {
    const installed = [wide("B"), make()];
    const read = processorTime(() =>
      make()
        .source.toString("latin1")
        .match(/\w+|::/g),
    );
    const found = processorTime(() => createModuleFinder(() => installed)(make()));
    expect(found / read).toBeLessThan(40);
  }
});
