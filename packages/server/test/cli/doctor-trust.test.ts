import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Finding } from "../../src/doctor/finding.ts";
import { offered } from "../install/plugin-source.ts";
import { blockListFile } from "../support/block-list.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, runCaptured, type World } from "./cli-world.ts";

let world: World;
const done: World["done"] = (...argv) => world.done(...argv);
const doctor = async (check: string): Promise<Finding[]> => {
  const env = {
    ...{ HITAGI_DATA: path.join(world.folder, "data"), HITAGI_SERVER: world.server.address },
    ...{ HITAGI_PORT: "0", PATH: process.env.PATH ?? "" },
  };
  const findings: Finding[] = (await runCaptured(["doctor", "--json"], { env })).json;
  return findings.filter((one) => one.check === check);
};

beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

test("the doctor says that a registry is reached, and that its last refresh was refused", async () => {
  const [mine, old] = ["mine", "old"].map((name) => path.join(world.folder, name)) as [string, string];
  await mkdir(mine);
  await writeRegistry(mine, [offered("echo", ["1.0.0"])]);
  await done("registry", "keygen", "--origin", "example.org/m", "--out", "key", "--recovery-out", "paper");
  await done("registry", "sign", "mine", "--key", "key");
  await cp(mine, old, { recursive: true });
  await writeRegistry(mine, [offered("echo", ["1.0.0", "1.1.0"])]);
  await done("registry", "sign", "mine", "--key", "key");
  await done("registry", "recover", "mine", "--recovery", "paper", "--out", "second");
  await done("registry", "add", "./mine");
  expect(await doctor("registry mine")).toMatchObject([{ state: "ok" }]);
  await rm(mine, { recursive: true });
  await cp(old, mine, { recursive: true });
  expect((await world.run("registry", "refresh", "mine")).code).toBe(1);
  expect(await doctor("registry mine")).toMatchObject([
    { state: "ok", text: expect.stringContaining("The server reaches it") },
    {
      state: "wrong",
      text: expect.stringMatching(
        /^Its last refresh failed \(20\S+ \d\d:\d\d [+-]\d\S*\), and what was accepted before stays in use: /,
      ),
      hint: expect.stringMatching(/`hitagi registry refresh REG_\d{10}` tries it again\.$/),
    },
  ]);
});

test("the doctor has a line for each block list: read, not read any more, never read", async () => {
  const file = path.join(world.folder, "blocks.txt");
  await writeFile(file, blockListFile(1, ["block namespace thief It steals."]));
  await done("policy", "blocks", "add", "mine", file);
  expect(await doctor("block list mine")).toMatchObject([
    { state: "ok", text: expect.stringContaining("edition 1") },
  ]);
  await rm(file);
  await world.run("policy", "blocks", "refresh");
  expect(await doctor("block list mine")).toMatchObject([
    {
      state: "wrong",
      text: expect.stringMatching(
        /could not be read \(20\S+ \d\d:\d\d [+-]\d\S*\), and edition 1 of 20\S+ \d\d:\d\d [+-]\d\S*, with 1 entry, stays in use: The file .*blocks\.txt of the block list cannot be read: it does not exist\.$/,
      ),
      hint: expect.stringContaining("`hitagi policy blocks refresh` loads it again."),
    },
  ]);
  await world.run("policy", "blocks", "add", "gone", path.join(world.folder, "none.txt"));
  expect(await doctor("block list gone")).toMatchObject([
    {
      state: "wrong",
      text: expect.stringContaining("It was never loaded, so that nothing is installed"),
      hint: expect.stringContaining("`hitagi policy blocks remove gone`"),
    },
  ]);
});
