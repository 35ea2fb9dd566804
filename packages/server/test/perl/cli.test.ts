import { readFile } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCliWorld, type World } from "../cli/cli-world.ts";
import { noBubblewrap, noPerl } from "../runtimes/perl/fixture.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { perlPlugin } from "./world.ts";

const registryFolder = path.resolve(import.meta.dirname, "../../../../examples/registry");

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
      noBubblewrap
        ? /info-file 1\.0\.0 asks to read and change every file .*, reach every host\./
        : /info-file 1\.0\.0 asks to reach every public host\./,
    );
    expect(asked.err).toMatch(/Repeat the command with --yes to grant this/);
    const installed = await world.run("install", "info-file", "--yes");
    expect(installed.out).toMatch(
      noBubblewrap
        ? /^Installed info-file 1\.0\.0\. It may .*, reach every host\.$/m
        : /^Installed info-file 1\.0\.0\. It may reach every public host\.$/m,
    );
  });

  test("the record names its confinement", async () => {
    const { out } = await world.run("info", "info-file");
    expect(out).toMatch(
      noBubblewrap
        ? /^Confined +files unconfined; network unconfined/m
        : /^Confined +files confined; network broker; by bubblewrap/m,
    );
    const { json } = await world.run("info", "info-file", "--json");
    expect(json.installed).toMatchObject({ runtime: "perl", path: "Managed/Metadata/InfoFile.pm" });
  });

  test("an install says whose functions the plugin calls, before it asks and in the preview", async () => {
    const gallery = "LANraragi::Plugin::Metadata::Gallery";
    const source = perlPlugin({
      namespace: "caller",
      type: "script",
      stem: "Caller",
      sub: `sub run_script { return (tags => ${gallery}::tags_of(7)) }`,
    });
    const folder = path.join(world.folder, "calls");
    const artifact = "plugins/Caller.pm";
    await writeRegistry(folder, [
      { namespace: "caller", type: "script", versions: [{ version: "1.0.0", source, artifact }] },
    ]);
    await world.run("registry", "add", folder);
    const asked = await world.run("install", "caller");
    expect([asked.code, asked.err]).toEqual([1, expect.stringContaining(`It uses functions of ${gallery}.`)]);
    const key = (await readFile(path.join(world.folder, "data/api-key"), "utf8")).trim();
    const client = createClient(world.server.address, key);
    const { json } = await world.run("registry", "list", "--json");
    const registry = json.find(({ name }: { name: string }) => name === "calls").id;
    const { plan } = await client.previewInstall({ body: { namespace: "caller", registry } });
    expect(plan.uses).toEqual([gallery]);
    await world.run("install", "caller", "--yes");
    expect((await world.run("info", "caller")).out).toMatch(new RegExp(`^Uses +${gallery}$`, "m"));
  });

  test.skipIf(noBubblewrap)(
    "the owner narrows the hosts of a plugin that names none, and opens them again",
    async () => {
      const grant = async (...options: string[]) => (await world.run("grant", "info-file", ...options)).out;
      expect(await grant("--net", "api.example.org")).toBe("info-file may reach api.example.org.\n");
      const granted = async () => (await world.run("info", "info-file")).out;
      expect(await granted()).toMatch(/^Granted +reach api\.example\.org$/m);
      expect(await grant("--none")).toBe("info-file has no permissions.\n");
      expect(await granted()).toMatch(/^Granted +none$/m);
      expect(await grant()).toBe("info-file may reach every public host.\n");
    },
  );
});
