import { expect, test } from "vitest";
import { createRecorder } from "../../chaos/recorder.ts";

const recording = () => {
  let time = 100;
  const recorder = createRecorder(() => time);
  return { recorder, tick: (ms: number) => (time += ms) };
};

test("a change is open until it is told how it went", () => {
  const { recorder, tick } = recording();
  const change = recorder.begin("version:a", ["1", "2"], "upgrade");
  expect(recorder.writes).toMatchObject([{ begin: 0, end: Number.POSITIVE_INFINITY, done: false }]);
  tick(7);
  change.done("2");
  expect(recorder.writes).toMatchObject([{ begin: 0, end: 7, done: true, values: ["2"] }]);
});

test("one that was refused never was", () => {
  const { recorder } = recording();
  recorder.begin("version:a", ["1"], "install").refused();
  expect(recorder.writes).toEqual([]);
});

test("one whose answer was lost may take effect until all has settled, and one that lingers for ever", () => {
  const { recorder, tick } = recording();
  const [lost, lingering] = ["1", "2"].map((value) => recorder.begin("newest:a", [value], "refresh"));
  lost?.unsure();
  lingering?.lingers();
  tick(50);
  recorder.settled();
  expect(recorder.writes).toMatchObject([
    { end: 50, done: false },
    { end: Number.POSITIVE_INFINITY, done: false },
  ]);
});
