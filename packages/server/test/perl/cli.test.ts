import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registryFolder } from "../../../../scripts/example-registry.mjs";
import { openCliWorld, type World } from "../cli/cli-world.ts";
import { noPerl } from "../runtimes/perl/fixture.ts";

describe.skipIf(noPerl)(`Perl plugins on the command line${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  let world: World;
  beforeAll(async () => {
    world = await openCliWorld({ perl: "1" });
    await world.run("registry", "add", registryFolder);
  });
  afterAll(() => world.close());

  test("an install lists what the sandbox does not prevent, and asks for confirmation", async () => {
    const asked = await world.run("install", "info-file");
    expect(asked.code).toBe(1);
    expect(asked.err).toMatch(
      /info-file 1\.0\.0 asks to (?:read and change every file .*, )?reach every host\./,
    );
    expect(asked.err).toMatch(/Repeat the command with --yes to grant this/);
    const installed = await world.run("install", "info-file", "--yes");
    expect(installed.out).toMatch(/^Installed info-file 1\.0\.0\. It may (?:.*, )?reach every host\.$/m);
  });

  test("the record names its confinement", async () => {
    const { out } = await world.run("info", "info-file");
    expect(out).toMatch(/^Confined +files (?:confined|unconfined); network unconfined/m);
    expect((await world.run("grant", "info-file", "--none")).out).toMatch(/may (?:.*, )?reach every host\./);
    const { json } = await world.run("info", "info-file", "--json");
    expect(json.installed).toMatchObject({ runtime: "perl", path: "Managed/Metadata/InfoFile.pm" });
  });
});
