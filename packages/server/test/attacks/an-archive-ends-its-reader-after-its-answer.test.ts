import { execFileSync } from "node:child_process";
import { afterEach, expect, test } from "vitest";
import { createContainers } from "../../src/library/containers/containers.ts";
import { fileOf } from "../library/cbz.ts";
import { tar } from "../library/containers/samples.ts";

const containers = createContainers();
afterEach(() => containers.close());

/** The reader processes of this process. */
const readers = (): number[] => {
  const listed = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return listed.split("\n").flatMap((line) => {
    const [pid, parent, ...command] = line.trim().split(/\s+/);
    return Number(parent) === process.pid && command.join(" ").includes("archive-reader")
      ? [Number(pid)]
      : [];
  });
};

test("the next archive is read in a new process, and is not said to need too much memory", async () => {
  const page = Buffer.from("a page");
  const [first, second] = [
    await fileOf(tar({ "1.jpg": page })),
    await fileOf(tar({ "2.jpg": page, "3.jpg": page })),
  ];
  for (let round = 0; round < 3; round++) {
    expect(await containers.entries(first)).toHaveLength(1);
    const running = readers();
    expect(running).toHaveLength(1);
    // As its own watch does, so that this process has not seen the end when it asks.
    for (const pid of running) process.kill(pid, "SIGKILL");
    expect(await containers.entries(second)).toHaveLength(2);
  }
});
