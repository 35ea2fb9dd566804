import type { CDPSession, Page } from "playwright-core";

/** What a page did while it was scrolled. */
export interface Scrolled {
  framesPerSecond: number;
  /** Milliseconds of the processor that the page's main thread took for each frame. Other programs do not add to it. */
  processorMs: number;
  /** The layout shifts, as the browser counts them (https://web.dev/articles/cls), without windows. */
  shift: number;
  /** What moved in these shifts: the element, its text, and the rectangles before and after. */
  moved: string[];
  /** The most rows that were in the document at once. */
  rows: number;
}

const DISTANCE = 24_000;
/** Pixels a second, as of a person who looks for something far below. */
const SPEED = 4000;

/** Counts what is drawn from now on. */
const BEGIN = `(() => {
  const counted = { times: [], shift: 0, moved: [], rows: 0, goesOn: true };
  const place = ({ x, y, width, height }) => [x, y, width, height].join(" ");
  window.counted = counted;
  counted.add = (entries) => {
    for (const { value, sources } of entries) {
      counted.shift += value;
      for (const { node, previousRect, currentRect } of sources)
        counted.moved.push([node?.nodeName, node?.className, node?.textContent, place(previousRect), place(currentRect)].join("|"));
    }
  };
  counted.observer = new PerformanceObserver((list) => counted.add(list.getEntries()));
  counted.observer.observe({ type: "layout-shift" });
  const frame = (time) => {
    counted.times.push(time);
    counted.rows = Math.max(counted.rows, document.querySelectorAll("[data-index]").length);
    if (counted.goesOn) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})()`;

/** What was changed before this is drawn once more, and counts. */
const END = `(async () => {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const { times, moved, observer, add } = window.counted;
  window.counted.goesOn = false;
  add(observer.takeRecords());
  observer.disconnect();
  const { shift, rows } = window.counted;
  return { times, shift, moved, rows };
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

/** What {@link count} counted. */
interface Counted extends Pick<Scrolled, "shift" | "moved" | "rows"> {
  /** When each frame was drawn, in milliseconds. */
  times: number[];
}

/** Counts what a page draws and moves from now on. @returns what ends it and answers the counts */
export const count = async (page: Page): Promise<() => Promise<Counted>> => {
  await page.evaluate(BEGIN);
  return async () => (await page.evaluate(END)) as Counted;
};

/** Scrolls a page down as a wheel or a finger does, and counts its frames meanwhile. */
export const scroll = async (page: Page): Promise<Scrolled> => {
  const session = await page.context().newCDPSession(page);
  const end = await count(page);
  const taken = await processorTime(session);
  await session.send("Input.synthesizeScrollGesture", {
    ...{ x: 640, y: 500, yDistance: -DISTANCE, speed: SPEED, gestureSourceType: "mouse" },
  });
  const { times, ...counted } = await end();
  const busy = await taken();
  await session.detach();
  const gaps = times.slice(1).map((time, n) => time - (times[n] ?? time));
  const took = gaps.reduce((sum, gap) => sum + gap, 0);
  return { framesPerSecond: (gaps.length * 1000) / took, processorMs: busy / gaps.length, ...counted };
};
