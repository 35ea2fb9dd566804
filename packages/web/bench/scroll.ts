import type { CDPSession, Page } from "playwright-core";

/** What a page did while it was scrolled. */
export interface Scrolled {
  framesPerSecond: number;
  /** Milliseconds of the processor that the page's main thread took for each frame. Other programs do not add to it. */
  processorMs: number;
  /** The layout shifts, as the browser counts them (https://web.dev/articles/cls), without windows. */
  shift: number;
  /** The most rows that were in the document at once. */
  rows: number;
}

const DISTANCE = 24_000;
/** Pixels a second, as of a person who looks for something far below. */
const SPEED = 4000;

/** Counts what is drawn from now on. */
const BEGIN = `(() => {
  const counted = { times: [], shift: 0, rows: 0, goesOn: true };
  window.counted = counted;
  counted.observer = new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) counted.shift += value;
  });
  counted.observer.observe({ type: "layout-shift" });
  const frame = (time) => {
    counted.times.push(time);
    counted.rows = Math.max(counted.rows, document.querySelectorAll("[data-index]").length);
    if (counted.goesOn) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})()`;

const END = `(() => {
  const { times, shift, rows, observer } = window.counted;
  window.counted.goesOn = false;
  observer.disconnect();
  return { times, shift, rows };
})()`;

/** Milliseconds of the processor that the page's main thread has taken since this began. */
export const processorTime = async (session: CDPSession): Promise<() => Promise<number>> => {
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
  };
  const before = await read();
  return async () => (await read()) - before;
};

/** Scrolls a page down as a wheel or a finger does, and counts its frames meanwhile. */
export const scroll = async (page: Page): Promise<Scrolled> => {
  const session = await page.context().newCDPSession(page);
  await page.evaluate(BEGIN);
  const taken = await processorTime(session);
  await session.send("Input.synthesizeScrollGesture", {
    ...{ x: 640, y: 500, yDistance: -DISTANCE, speed: SPEED, gestureSourceType: "mouse" },
  });
  const { times, shift, rows } = (await page.evaluate(END)) as {
    times: number[];
    shift: number;
    rows: number;
  };
  const busy = await taken();
  await session.detach();
  const gaps = times.slice(1).map((time, n) => time - (times[n] ?? time));
  const took = gaps.reduce((sum, gap) => sum + gap, 0);
  return { framesPerSecond: (gaps.length * 1000) / took, processorMs: busy / gaps.length, shift, rows };
};
