import { expect, test } from "vitest";
import { createOutage } from "../../src/async/outage.ts";

const watched = (kindOf?: (error: string) => unknown) => {
  const events: string[] = [];
  const outage = createOutage<string>({
    onBegin: (error) => events.push(`begin ${error}`),
    onEnd: () => events.push("end"),
    ...(kindOf && { kindOf }),
  });
  return { events, outage };
};

test("an outage is reported once at its start and once at its end", () => {
  const { events, outage } = watched();
  outage.succeeded();
  for (const error of ["a", "b"]) outage.failed(error);
  expect(outage.isOngoing()).toBe(true);
  outage.succeeded();
  outage.succeeded();
  expect(outage.isOngoing()).toBe(false);
  outage.failed("c");
  expect(events).toEqual(["begin a", "end", "begin c"]);
});

test("an error of another kind is reported during an outage", () => {
  const { events, outage } = watched((error) => error[0]);
  for (const error of ["a1", "a2", "b1", "a3"]) outage.failed(error);
  expect(events).toEqual(["begin a1", "begin b1", "begin a3"]);
});
