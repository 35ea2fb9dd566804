import { median, type Row } from "./measure.ts";
import { memoryOf, startServer } from "./server.ts";

const ROUNDS = 5;
const IDLE_MS = 10_000;

/** Start on an empty and on a used data folder to the first answer, and the memory of the idle server. */
export const benchStart = async (): Promise<Row[]> => {
  const first = await startServer();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idle = (await memoryOf(first.pid)).now;

  const again: number[] = [];
  const empty: number[] = [first.startMs];
  for (let i = 0; i < ROUNDS; i++) {
    const server = await startServer();
    empty.push(server.startMs);
    const { folder } = server;
    const second = await startServer(`${folder}-again`);
    await second.stop();
    const third = await startServer(`${folder}-again`);
    again.push(third.startMs);
    await third.stop();
    await server.stop();
  }
  await first.stop();
  const emptyMs = median(empty);
  const againMs = median(again);
  return [
    {
      name: "start to first answer, empty folder",
      value: emptyMs,
      unit: "ms",
      target: "≤ 1,000 ms",
      met: emptyMs <= 1000,
    },
    {
      name: "start to first answer, used folder",
      value: againMs,
      unit: "ms",
      target: "≤ 1,000 ms",
      met: againMs <= 1000,
    },
    { name: "memory of the idle server", value: idle, unit: "MB", target: "≤ 120 MB", met: idle <= 120 },
  ];
};
