import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect, vi } from "vitest";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The levels A and AA of WCAG 2.2, with the size of touch targets, which axe leaves out by default. */
const EVERY_RULE = `{
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
  rules: { "target-size": { enabled: true } },
}`;
const COLOURS_ONLY = `{ runOnly: { type: "rule", values: ["color-contrast"] } }`;

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe finds wrong in a page, with the elements. `coloursOnly`: for another colour scheme of a page that was checked. */
export const violationsOf = async (page: Page, { coloursOnly = false } = {}): Promise<string[]> => {
  // The policy of the page forbids scripts of a test in the document; the debugger's own are not of the document.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe);
  const rules = coloursOnly ? COLOURS_ONLY : EVERY_RULE;
  const { violations } = (await page.evaluate(`axe.run(document, ${rules})`)) as { violations: Violation[] };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
  );
};

/** A script that lists what does not fit in the window: sideways scroll, buttons that are cut or outside, and motion other than that of a sign that something loads. */
const MISFITS = `(() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("scrolls sideways");
  const scrolls = (node) => {
    for (let at = node.parentElement; at; at = at.parentElement)
      if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true;
    return false;
  };
  const isCut = (node) =>
    node.scrollWidth > node.clientWidth + 1 && /hidden|clip/.test(getComputedStyle(node).overflowX);
  for (const node of document.querySelectorAll("button, [class*=Button-root], [class*=SegmentedControl-label]")) {
    const { left, right, width } = node.getBoundingClientRect();
    if (width === 0) continue;
    const words = node.textContent || node.getAttribute("aria-label");
    if ((left < -1 || right > innerWidth + 1) && !scrolls(node)) found.push("outside: " + words);
    if ([node, ...node.querySelectorAll("span")].some(isCut)) found.push("cut: " + words);
  }
  for (const animation of document.getAnimations())
    if (!animation.effect.target.closest("[role=status]") && animation.playState === "running" && animation.effect.getComputedTiming().duration > 10)
      found.push("moves: " + animation.effect.target.outerHTML.slice(0, 120));
  return found;
})()`;

export const misfitsOf = async (page: Page): Promise<string[]> => (await page.evaluate(MISFITS)) as string[];

const HIDDEN_PARTS = `[...document.querySelectorAll("nav [aria-current]")]
  .map((link) => [link.textContent, link.getBoundingClientRect()])
  .filter(([, { width, left, right }]) => width > 0 && (left < 0 || right > innerWidth))
  .map(([text]) => text)`;

/** The parts of a page that are shown, whose names in a list that scrolls sideways are out of view. */
export const hiddenPartsOf = async (page: Page): Promise<string[]> =>
  (await page.evaluate(HIDDEN_PARTS)) as string[];

/** Waits until the page has drawn what it asked the server for. */
export const settled = (page: Page): Promise<void> =>
  vi.waitFor(async () => expect(await page.locator(".mantine-Loader-root").count()).toBe(0), {
    timeout: 60_000,
  });

/** Goes to an address as a link of the page does, and waits until it is shown. */
export const follow = async (page: Page, place: string): Promise<void> => {
  await page.evaluate(`__TSR_ROUTER__.history.push(${JSON.stringify(place)})`);
  const arrived =
    "__TSR_ROUTER__.state.status === 'idle' && __TSR_ROUTER__.state.resolvedLocation.href === __TSR_ROUTER__.history.location.href";
  await vi.waitFor(async () => expect(await page.evaluate(arrived)).toBe(true), { timeout: 60_000 });
  await page.locator("[data-page-title]").waitFor();
  await settled(page);
};
