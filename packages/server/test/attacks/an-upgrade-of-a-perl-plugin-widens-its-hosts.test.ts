import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { openApp, type PerlPlugin } from "../perl/world.ts";
import { noPerl } from "../runtimes/perl/fixture.ts";

const namespace = toNamespace("reader");

const reader = (version: string, hosts?: string[]): PerlPlugin => ({
  namespace,
  type: "script",
  stem: "Reader",
  version,
  info: hosts ? `permissions => { net => [${hosts.map((host) => `"${host}"`).join(", ")}] },` : "",
  sub: "sub run_script { return (a => 1) }",
});

/** A server that has the first version installed, and then narrowed where the owner does so. */
const upgraded = async (first: PerlPlugin, second: PerlPlugin, narrowed?: string[]) => {
  const app = await openApp();
  await app.install(first);
  if (narrowed) await app.plugins.grant(namespace, { net: narrowed });
  const registry = await app.offer(second);
  await app.installer.install({ namespace, registry, force: true });
  return { ...app, granted: (await app.plugins.record(namespace)).granted };
};

describe.skipIf(noPerl)(`an upgrade of a Perl plugin${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  test("that no longer names its hosts keeps those that were granted", async () => {
    const { granted } = await upgraded(reader("1.0.0", ["api.example.org"]), reader("2.0.0"));
    expect(granted).toEqual({ net: ["api.example.org"] });
  });

  test("that never named hosts keeps what its owner left of all, and so does a rollback", async () => {
    const app = await upgraded(reader("1.0.0"), reader("2.0.0"), ["api.example.org"]);
    expect(app.granted).toEqual({ net: ["api.example.org"] });
    await app.plugins.grant(namespace, {});
    await app.installer.rollback(namespace);
    expect((await app.plugins.record(namespace)).granted).toEqual({ net: [] });
  });

  test("of a plugin with every public host keeps them", async () => {
    const { granted } = await upgraded(reader("1.0.0"), reader("2.0.0"));
    expect(granted).toEqual({});
  });
});
