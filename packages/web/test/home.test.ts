import type { Route } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import {
  addExampleRegistry,
  installPlugin,
  openAt,
  openPageServer,
  type PageServer,
  withoutChromium,
} from "./support/page-server.ts";

const PROBLEMS = "**/api/library/problems";

describe.skipIf(withoutChromium)("the place Home", () => {
  let server: PageServer;
  beforeAll(async () => {
    server = await openPageServer();
    await installPlugin(server, "echo", await addExampleRegistry(server), "1.0.0");
  });

  test("shows what needs the owner when all of it is known, so that nothing jumps", async () => {
    const page = await openAt(server, "/browse");
    const held = new Promise<Route>((resolve) => void page.route(PROBLEMS, resolve));
    const answered = page.waitForResponse(/\/api\/history/);
    await page.getByRole("link", { name: "Home", exact: true }).click();
    await answered;
    const needs = page.getByRole("region", { name: "Needs you" });
    await needs.getByRole("status").waitFor();
    expect(await needs.getByRole("listitem").count()).toBe(0);
    expect(await page.getByRole("region", { name: "Today" }).count()).toBe(0);
    await (await held).continue();
    await needs.getByText("1 plugin has an update").waitFor();
    await page.getByRole("region", { name: "Today" }).waitFor();
    await page.context().close();
  });

  test("says what could not be asked for, beside what is known, and asks again", async () => {
    const page = await openAt(server, "/browse");
    await page.route(PROBLEMS, (route) =>
      route.fulfill({ status: 500, json: { error: "The disk is gone" } }),
    );
    await page.getByRole("link", { name: "Home", exact: true }).click();
    const needs = page.getByRole("region", { name: "Needs you" });
    await needs.getByRole("alert").getByText("The disk is gone").waitFor();
    await needs.getByText("1 plugin has an update").waitFor();
    await page.unroute(PROBLEMS);
    await needs.getByRole("button", { name: "Try again" }).click();
    await needs.getByRole("alert").waitFor({ state: "detached" });
    await page.context().close();
  });

  test.each([
    ["/", "Installed a plugin: Echo 1.0.0"],
    ["/activity", "Install a plugin Echo"],
    ["/activity?tab=history", "Installed a plugin Echo 1.0.0"],
    ["/server/policy", "Echo"],
  ])("%s calls a plugin by its name", async (place, words) => {
    const page = await openAt(server, place);
    await page.getByRole("listitem").filter({ hasText: words }).first().waitFor();
    await page.context().close();
  });
});
