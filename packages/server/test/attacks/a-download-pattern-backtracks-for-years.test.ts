import { setImmediate as nextTurn } from "node:timers/promises";
import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";

const downloader = (namespace: string, url_regex: string) =>
  pluginSource(
    { namespace: toNamespace(namespace), type: "download", url_regex },
    "return { downloadUrl: ctx.url };",
  );

const SLOW = `http://site.example/${"a".repeat(60)}!`;

/** How many other requests, made one after the other, are answered during some work. */
const answeredDuring = async (
  work: () => Promise<unknown>,
  request: () => Promise<unknown>,
): Promise<number> => {
  let [working, answered] = [true, 0];
  const ended = work().finally(() => {
    working = false;
  });
  while (working) {
    await request();
    await nextTurn();
    answered++;
  }
  await ended;
  return answered;
};

test.each([
  ["nested quantifiers", "^(?:http://site.example/)(a+)+$", "ok"],
  ["nested quantifiers with a lookahead", "^(?=http)http://site.example/(a+)+$", "quarantined"],
  ["alternatives that match the same, with a reference", "^http://site.example/(a|a)*(b)\\2$", "quarantined"],
  ["thousands of instructions", `(${"x{1000}".repeat(200)})y`, "quarantined"],
])("%s: the event loop goes on, and the pattern costs this once", async (_, url_regex, state) => {
  const { sideload, plugins, lines } = await openPlugins();
  await sideload(downloader("slow", url_regex), downloader("good", "^http://site[.]example/"));
  const answered = await answeredDuring(
    async () => expect(await plugins.takesUrl(SLOW)).toBe(true),
    () => plugins.record("good"),
  );
  const { health } = await plugins.record("slow");
  expect(health.state).toBe(state);
  if (state === "ok") return;
  // If the pattern stopped the event loop, almost none would be.
  expect(answered).toBeGreaterThan(20);
  expect(health.reason).toMatch(/url_regex takes seconds/);
  expect(lines.filter(({ msg }) => msg.startsWith("slow is quarantined"))).toHaveLength(1);
  expect(await plugins.takesUrl(SLOW)).toBe(true);
  expect(lines.filter(({ msg }) => msg.startsWith("slow is quarantined"))).toHaveLength(1);
});
