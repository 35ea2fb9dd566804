import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { measurePage } from "../../../scripts/measure-page.mjs";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { median } from "../../server/bench/measure.ts";
import { API_KEY, type BenchServer } from "../../server/bench/server.ts";
import { writeSection } from "../../server/bench/write-section.ts";
import { pageFolder } from "../../server/src/config/config.ts";
import { startLargeServer } from "./large-server.ts";
import { processorTime, type Scrolled, scroll } from "./scroll.ts";

const KIB = 1024;
const ROUNDS = 3;
const SLOWED = 4;
const FRAMES = 50;
const VIEW = { width: 1280, height: 800 };

const SECTION = { name: "page", command: "npm run bench -- page" };

/** One row of the table, with its floor where there is one. */
interface Row {
  name: string;
  value: number;
  unit: string;
  floor?: number;
  target: string;
  met: boolean;
}

/** The lists, and what each shows when it is there. */
const lists = [
  { name: "10,000 plugins", place: "/browse" },
  { name: "100,000 archives as covers", place: "/library" },
  { name: "100,000 archives as a list", place: "/library?view=list" },
  { name: "100,000 entries of the history", place: "/activity?tab=history" },
];

const sizes = (): Row[] => {
  const { first, all } = measurePage(pageFolder());
  const row = (name: string, bytes: number, most: number): Row => ({
    ...{ name, value: bytes / KIB, unit: "KiB" },
    ...{ target: `≤ ${most} KiB`, met: bytes <= most * KIB },
  });
  return [
    row("script and style of the first view, compressed", first.bytes, 180),
    row("script and style of all pages in one language, compressed", all.bytes, 350),
  ];
};

const signedIn = async (context: BrowserContext, { url }: BenchServer): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(url);
  await page.locator("input[name=key]").fill(API_KEY);
  await page.locator("button[type=submit]").click();
  await page.locator("[data-page-title]").waitFor();
  return page;
};

/** Whether Home is drawn and nothing of it loads. */
const USABLE =
  "document.querySelector('[data-page-title]') !== null && !document.querySelector('.mantine-Loader-root')";

interface Usable {
  ms: number;
  busy: number;
}

/** Milliseconds from the request for a page until it can be used, and those of its processor, slowed. The cache is empty. */
const usable = async (page: Page, url: string, isUsable: string): Promise<Usable> => {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWED });
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const taken = await processorTime(session);
  await page.goto(url, { waitUntil: "commit" });
  // The policy of the page forbids the evaluation of texts in it; this is one of the debugger.
  const ms = (await page.evaluate(`new Promise((resolve) => {
    const look = () => (${isUsable}) ? resolve(performance.now()) : requestAnimationFrame(look);
    look();
  })`)) as number;
  const busy = await taken();
  await session.detach();
  return { ms, busy };
};

/** The floor: a page of the same size without a script, in the same browser. */
const plainList = async (): Promise<string> => {
  const file = path.join(ownFolder("hitagi-bench-plain-"), "plain.html");
  const rows = Array.from({ length: 1000 }, (_, n) => `<li style="height:56px">Row ${n} of a list</li>`);
  await writeFile(file, `<!doctype html><title>Plain</title><ul>${rows.join("")}</ul>`);
  return pathToFileURL(file).href;
};

const scrolled = async (page: Page, address: string, rowsAre: string): Promise<Scrolled> => {
  const rounds: Scrolled[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    console.error(`scrolling ${address}`);
    await page.goto(address);
    await page.locator(rowsAre).first().waitFor();
    rounds.push(await scroll(page));
  }
  return {
    framesPerSecond: median(rounds.map((one) => one.framesPerSecond)),
    processorMs: median(rounds.map((one) => one.processorMs)),
    shift: Math.max(...rounds.map((one) => one.shift)),
    moved: rounds.flatMap((one) => one.moved),
    rows: Math.max(...rounds.map((one) => one.rows)),
  };
};

/** Measures the page of the built server in Chromium without a screen or a graphics processor. */
const benchPage = async (): Promise<Row[]> => {
  const server = await startLargeServer();
  const executablePath = process.env.TEST_CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  try {
    const context = await browser.newContext({ viewport: VIEW, locale: "en-GB" });
    const page = await signedIn(context, server);
    const rows = sizes();
    const [ours, bare]: [Usable[], Usable[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await usable(page, `${server.url}/healthz`, "true"));
      ours.push(await usable(page, server.url, USABLE));
    }
    const [ms, busy] = [median(ours.map((one) => one.ms)), median(ours.map((one) => one.busy))];
    rows.push(
      {
        ...{ name: "Home until it can be used, processor slowed four times", value: ms, unit: "ms" },
        ...{ floor: median(bare.map((one) => one.ms)), target: "≤ 1,000 ms", met: ms <= 1000 },
      },
      {
        ...{ name: "its processor time until then, slowed four times", value: busy, unit: "ms" },
        ...{ floor: median(bare.map((one) => one.busy)), target: "≤ 1,000 ms", met: busy <= 1000 },
      },
    );
    await (await page.context().newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: 1 });
    const floor = await scrolled(page, await plainList(), "li");
    for (const { name, place } of lists) {
      const found = await scrolled(page, `${server.url}${place}`, "[data-index]");
      rows.push(
        {
          ...{ name: `scrolling ${name}`, value: found.framesPerSecond, unit: "frames/s" },
          floor: floor.framesPerSecond,
          ...{ target: `≥ ${FRAMES}`, met: found.framesPerSecond >= FRAMES },
        },
        {
          ...{ name: "its processor time for a frame", value: found.processorMs, unit: "ms" },
          floor: floor.processorMs,
          ...{ target: `≤ ${1000 / FRAMES} ms`, met: found.processorMs <= 1000 / FRAMES },
        },
        {
          ...{ name: "its layout shift", value: found.shift, unit: "" },
          ...{ target: "0", met: found.shift === 0 },
        },
        {
          ...{ name: "its rows in the document at most", value: found.rows, unit: "rows" },
          ...{ target: "≤ 200", met: found.rows <= 200 },
        },
      );
    }
    return rows;
  } finally {
    await browser.close();
    await server.stop();
  }
};

const number = (value: number): string =>
  value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : value < 1000 ? 1 : 0 });

const markdownOf = (machine: string, load: number, rows: readonly Row[]): string => {
  const lines = rows.map(({ name, value, unit, floor, target, met }) => {
    const ofFloor = floor === undefined ? "" : `${number(floor)} ${unit} (${(value / floor).toFixed(2)}×)`;
    return `| ${name} | ${`${number(value)} ${unit}`.trim()} | ${ofFloor} | ${target} | ${met ? "yes" : "**no**"} |`;
  });
  return [
    `Machine: ${machine}. Its load before: ${number(load)}. Date: ${new Date().toISOString().slice(0, 10)}.`,
    "",
    "| what | measured | floor (ratio) | target | met |",
    "|---|---|---|---|---|",
    ...lines,
    "",
  ].join("\n");
};

/**
 * Measures the page in a browser, and prints the table of docs/benchmarks.md.
 * @param page file whose table is replaced as well
 */
export const measurePageInBrowser = async (machine: string, page: string | undefined): Promise<void> => {
  const load = loadavg()[0] ?? Number.NaN;
  const text = markdownOf(machine, load, await benchPage());
  console.log(text);
  if (page !== undefined) await writeSection(page, SECTION, text);
};
