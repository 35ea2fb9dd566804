import path from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { ended, newDatabase, onEachStore, openedStore } from "../jobs/job-runner.ts";
import { bundleScript, startBundled } from "../support/script.ts";
import { HOUR, openNode, START, work } from "./world.ts";

const script = path.join(import.meta.dirname, "scripts/look-until-killed.ts");

/** The writes of a run: its claim, its job, the note of the job. */
const WRITES = 3;

onEachStore(() => {
  const withSchedule = async (): Promise<string> => {
    const address = await newDatabase();
    const store = await openStore(address);
    await openNode(store).schedules.create({ when: "every hour", zone: "UTC", work });
    await store.close();
    return address;
  };

  const look = async (address: string, at: number, moment: string): Promise<boolean> => {
    const args = [address, String(START + HOUR), String(at), moment];
    const node = startBundled(await bundleScript(script), args);
    const isDone = await node.line().then(
      (line) => line === "done",
      () => false,
    );
    await node.ended;
    return isDone;
  };

  test("a run has as many writes as are tried below", async () => {
    expect(await look(await withSchedule(), WRITES + 1, "before")).toBe(true);
  });

  const moments = Array.from({ length: WRITES }, (_, n) => n + 1).flatMap((at) =>
    ["before", "after"].map((moment) => [moment, at] as const),
  );
  test.each(moments)("kill -9 %s write %i neither loses a run nor doubles it", async (moment, at) => {
    const address = await withSchedule();
    expect(await look(address, at, moment)).toBe(false);

    const store = await openedStore(address);
    const node = openNode(store, START + HOUR + 30);
    await node.look();
    await node.jobs.start();
    const { last, next } = await node.schedules.get(1);
    expect(await ended(node.jobs, last?.job ?? 0)).toMatchObject({ task: "run_plugin" });
    await node.look();
    expect([node.ran.length, await node.queued(), next]).toEqual([1, 1, START + 2 * HOUR]);
    expect(await node.schedules.get(1)).toMatchObject({ last: { due: START + HOUR, outcome: "ok" } });
  });
});
