import { HitagiError } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { type FaultPoint, faultPoints } from "../../src/install/deps.ts";
import { openWorld, snapshot, type World } from "./install-world.ts";
import { type Operation, operations, pointsOf, startingPoint } from "./operations.ts";

/** Runs an operation that fails at a point. */
const failAt = async (world: World, operation: Operation, point: FaultPoint): Promise<void> => {
  world.at(point, () => {
    throw new HitagiError("STOPPING");
  });
  await expect(operation.run(world.installer, world.registry)).rejects.toMatchObject({ code: "STOPPING" });
};

const beforeCommit = faultPoints.slice(0, faultPoints.indexOf("committed"));

describe.each(Object.entries(operations))("%s that fails", (name, operation) => {
  test.each(pointsOf(name).filter((p) => beforeCommit.includes(p)))(
    "at %s changes nothing",
    async (point) => {
      const world = await openWorld(startingPoint);
      await operation.prepare?.(world.installer, world.registry);
      const before = await snapshot(world);
      await failAt(world, operation, point);
      expect(await snapshot(world)).toEqual(before);
      if (operation.from) expect(await world.call("echo")).toEqual({ version: operation.from });
    },
  );

  test("after the commit is not undone", async () => {
    const world = await openWorld(startingPoint);
    await operation.prepare?.(world.installer, world.registry);
    await failAt(world, operation, "committed");
    await world.installer.recover();
    const { files, records, active } = await snapshot(world);
    const record = records.echo;
    expect(files).toEqual(record ? { [record.path]: record.sha256 } : {});
    expect(active.echo?.version).toBe(operation.to);
    expect(active.echo?.sha256).toBe(record?.sha256);
  });

  test("at the cleanup has succeeded", async () => {
    const world = await openWorld(startingPoint);
    await operation.prepare?.(world.installer, world.registry);
    world.at("cleared", () => {
      throw new HitagiError("STOPPING");
    });
    await operation.run(world.installer, world.registry);
    if (operation.to) expect(await world.call("echo")).toEqual({ version: operation.to });
    else expect(world.active.get("echo")).toBeUndefined();
    expect((await snapshot(world)).journal).toEqual([]);
  });
});
