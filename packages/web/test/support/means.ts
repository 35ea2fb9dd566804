import type { Locator, Page } from "playwright-core";
import { expect, vi } from "vitest";
import { openPage, type PageServer } from "./page-server.ts";

const MAX_PRESSES = 300;

export const hasFocus = (target: Locator): Promise<boolean> =>
  target.evaluate((node) => node === (node.ownerDocument as { activeElement: unknown }).activeElement);

/** Presses Tab until a control has the focus. Tab passes one that is disabled, so that it waits for that first. */
export const tabTo = async (page: Page, target: Locator): Promise<void> => {
  await vi.waitFor(async () => expect(await target.isEnabled()).toBe(true));
  for (let presses = 0; presses < MAX_PRESSES; presses++) {
    if (await hasFocus(target)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${target}.`);
};

/** With what a person uses the page. Each function takes an English name or a control of the page. */
export interface Means {
  page: Page;
  /** Goes to one of the seven places. */
  go(place: string): Promise<void>;
  press(target: Locator): Promise<void>;
  /** Turns a switch or a checkbox. */
  turn(target: Locator): Promise<void>;
  type(target: Locator, text: string): Promise<void>;
  /** Chooses in a list of choices by the first letters. */
  choose(target: Locator, label: string): Promise<void>;
  /** Shows a part of a page that a tab names. */
  show(tab: string): Promise<void>;
  undo(): Promise<void>;
}

const titled = (page: Page, title: string): Locator =>
  page.getByRole("heading", { level: 1, name: title, exact: true });

/** The latest toast's button; those of the jobs before may be there still. */
const undoButton = (page: Page): Locator => page.getByRole("button", { name: "Undo", exact: true }).last();

/** What a mouse and a finger do in the same way. @param press a click, or a tap */
const byPressing = (page: Page, press: Means["press"]): Omit<Means, "go"> => ({
  page,
  press,
  turn: press,
  type: async (target, text) => {
    await press(target);
    await page.keyboard.type(text);
  },
  choose: async (target, label) => void (await target.selectOption(label)),
  show: (tab) => press(page.getByRole("tab", { name: tab })),
  undo: () => press(undoButton(page)),
});

const withMouse = async (server: Pick<PageServer, "address">): Promise<Means> => {
  const page = await openPage(server);
  return {
    ...byPressing(page, (target) => target.click()),
    go: async (place) => {
      await page.getByRole("navigation").getByRole("link", { name: place, exact: true }).click();
      await titled(page, place).waitFor();
    },
  };
};

const withFinger = async (server: Pick<PageServer, "address">): Promise<Means> => {
  const page = await openPage(server, { width: 390, touch: true });
  return {
    ...byPressing(page, (target) => target.tap()),
    go: async (place) => {
      await page.getByRole("button", { name: "Menu" }).tap();
      await page.getByRole("dialog").getByRole("link", { name: place, exact: true }).tap();
      await titled(page, place).waitFor();
      await page.getByRole("dialog").waitFor({ state: "detached" });
    },
  };
};

const withKeyboard = async (server: Pick<PageServer, "address">): Promise<Means> => {
  const page = await openPage(server);
  const press = async (target: Locator, key = "Enter") => {
    await tabTo(page, target);
    await page.keyboard.press(key);
  };
  return {
    page,
    go: async (place) => {
      // In a field the letters would be typed.
      while (await page.evaluate("document.activeElement?.matches('input:not([type=checkbox]), select')"))
        await page.keyboard.press("Tab");
      await page.keyboard.press("g");
      await page.keyboard.press(place.charAt(0).toLowerCase());
      await titled(page, place).waitFor();
    },
    press: (target) => press(target),
    turn: (target) => press(target, "Space"),
    type: async (target, text) => {
      await tabTo(page, target);
      await page.keyboard.type(text);
    },
    choose: async (target, label) => {
      await tabTo(page, target);
      await page.keyboard.type(label);
    },
    // Tab reaches the tab that is shown, and arrows the others.
    show: async (tab) => {
      await tabTo(page, page.getByRole("tab", { selected: true }));
      while (!(await hasFocus(page.getByRole("tab", { name: tab })))) await page.keyboard.press("ArrowRight");
    },
    undo: () => page.keyboard.press("Control+z"),
  };
};

export const meansOf = { mouse: withMouse, keyboard: withKeyboard, "finger on a phone": withFinger };
