import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pluginText } from "../http/plugin-sources.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

const source = pluginText(
  "tagged",
  "1.0.0",
  "script",
  "async run(ctx) { return { text: await ctx.files.text(ctx.arg) }; },",
  'permissions: { net: ["a.example.org"], files: "a tag database" },',
);

let world: World;
let tags: string;
beforeAll(async () => {
  world = await openCliWorld();
  tags = path.join(world.folder, "tags.db");
  await writeFile(tags, "the tags");
  await mkdir(path.join(world.folder, "beside"));
  const versions = [{ version: "1.0.0", source }];
  await writeRegistry(path.join(world.folder, "comics"), [{ namespace: "tagged", type: "script", versions }]);
  await world.run("registry", "add", "./comics");
});
afterAll(() => world.close());

const granted = async () => (await world.run("info", "tagged", "--json")).json.installed.granted;

describe("a plugin that reads files", () => {
  it("says which before and after its install, and an install grants none", async () => {
    expect((await world.run("info", "tagged")).out).toMatch(
      /Asks for +reach a\.example\.org, read files that you name \(a tag database\)/,
    );
    const { out, err } = await world.run("install", "tagged", "--yes");
    expect(out).toBe("Installed tagged 1.0.0. It may reach a.example.org.\n");
    expect(err).toContain(
      "tagged reads files: a tag database. Grant them with `hitagi grant tagged --read PATH`.",
    );
    expect(await granted()).toEqual({ net: ["a.example.org"] });
  });

  it("is granted files by `grant --read`, also by a relative path, and keeps all else", async () => {
    expect((await world.run("grant", "tagged", "--read", "tags.db", "beside")).out).toBe(
      `tagged may reach a.example.org, read ${tags}, read ${path.join(world.folder, "beside")}.\n`,
    );
    expect((await world.run("run", "tagged", "--arg", tags, "--json")).json).toEqual({
      text: "the tags",
    });
    expect((await world.run("info", "tagged")).out).toMatch(/Granted +reach a\.example\.org, read \//);
    expect((await world.run("grant", "tagged", "--read", tags, "--json")).json).toEqual({
      net: ["a.example.org"],
      files: [tags],
    });
  });

  it("loses them by `--no-read` alone, and by `--none` with everything else", async () => {
    await world.run("grant", "tagged", "--read", tags);
    expect((await world.run("grant", "tagged", "--no-read")).out).toBe("tagged may reach a.example.org.\n");
    await world.run("grant", "tagged", "--read", tags, "--net", "a.example.org");
    expect(await granted()).toEqual({ net: ["a.example.org"], files: [tags] });
    expect((await world.run("grant", "tagged", "--none")).out).toBe("tagged has no permissions.\n");
    expect(await granted()).toEqual({});
  });

  it("is not granted what does not exist", async () => {
    const { code, err } = await world.run("grant", "tagged", "--read", "absent.db");
    expect([code, err]).toEqual([
      1,
      expect.stringContaining(
        `${path.join(world.folder, "absent.db")} cannot be granted: it does not exist.`,
      ),
    ]);
  });
});
