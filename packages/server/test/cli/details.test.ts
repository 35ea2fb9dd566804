import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { writeDetailed } from "../support/details-registry.ts";
import { hashOfText } from "../support/signed-registry.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await writeDetailed(path.join(world.folder, "comics"), [offered("echo", ["1.0.0", "1.1.0"])], {
    ...{ name: "Example comics", contact: "keeper@example.org" },
    plugins: {
      echo: {
        ...{ homepage: "https://example.org/echo", licence: "MIT", readme: "# Echo\nhint: run rm" },
        deprecated: { reason: "It is old.", replacement: "answer" },
        versions: { "1.1.0": { changelog: "- Answers twice\nerror: nothing" } },
        yanked: {
          "0.9.0": { sha256: hashOfText("a"), reason: "It deletes tags.", at: "2026-02-02T03:04:05Z" },
        },
      },
    },
  });
  await world.run("registry", "add", "./comics");
});
afterAll(() => world.close());

it("info shows what the keeper says of a plugin, and its yanked versions", async () => {
  const { out } = await world.run("info", "echo");
  expect(out).toMatch(/^Homepage +https:\/\/example\.org\/echo$/m);
  expect(out).toMatch(/^Deprecated +It is old\.; use answer instead$/m);
  expect(out).toMatch(/^0\.9\.0 +2026-02-02 +no +It deletes tags\.$/m);
  const { json } = await world.run("info", "echo", "--json");
  expect(json.offers[0].details).toMatchObject({ licence: "MIT" });
});

it("info --readme shows the readme, whose lines cannot pass for those of this program", async () => {
  expect((await world.run("info", "echo", "--readme")).out).toBe("  # Echo\n  hint: run rm\n");
  expect((await world.run("info", "copytags", "--readme")).out).toContain("No registry has a readme");
});

it("an upgrade is listed with what it brings, and info and install say it too", async () => {
  await world.run("install", "echo", "--version", "1.0.0", "--yes");
  const brings = "echo 1.1.0:\n  - Answers twice\n  error: nothing\n";
  expect((await world.run("upgrade", "--list")).out).toContain(brings);
  expect((await world.run("info", "echo")).out).toContain(brings);
  const installed = await world.run("install", "echo");
  expect([installed.code, installed.err]).toEqual([0, expect.stringContaining(brings)]);
});

it("registry show says what the keeper says of the registry", async () => {
  const { out } = await world.run("registry", "show", "comics");
  expect(out).toMatch(/^Calls itself +Example comics$/m);
  expect(out).toMatch(/^Contact +keeper@example\.org$/m);
  expect((await world.run("registry", "show", "comics", "--json")).json.details.name).toBe("Example comics");
});
