import { expect, test } from "vitest";
import { createRecorder } from "../../chaos/recorder.ts";

const recording = () => {
  let time = 100;
  const recorder = createRecorder(() => time);
  return { recorder, tick: (ms: number) => (time += ms) };
};

test("a write is open until its outcome is known", () => {
  const { recorder, tick } = recording();
  const change = recorder.begin("version:a", ["1", "2"], "upgrade");
  expect(recorder.writes).toMatchObject([{ begin: 0, end: Number.POSITIVE_INFINITY, done: false }]);
  tick(7);
  change.done("2");
  expect(recorder.writes).toMatchObject([{ begin: 0, end: 7, done: true, values: ["2"] }]);
});

test("a refused write is not recorded", () => {
  const { recorder } = recording();
  recorder.begin("version:a", ["1"], "install").refused();
  expect(recorder.writes).toEqual([]);
});

test("a write without an answer may take effect until all has settled, and a lingering one at any later time", () => {
  const { recorder, tick } = recording();
  const [lost, lingering] = ["1", "2"].map((value) => recorder.begin("newest:a", [value], "refresh"));
  lost?.unsure();
  lingering?.lingers();
  tick(50);
  recorder.rest();
  expect(recorder.writes).toMatchObject([
    { end: 50, done: false },
    { end: Number.POSITIVE_INFINITY, done: false },
  ]);
});
