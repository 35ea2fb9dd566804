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

/** How often the event loop came round every 10 ms. */
const turnsDuring = async (work: () => Promise<unknown>): Promise<number> => {
  let turns = 0;
  const timer = setInterval(() => turns++, 10);
  await work();
  clearInterval(timer);
  return turns;
};

test.each([
  ["nested quantifiers", "^(?:http://site.example/)(a+)+$", "ok"],
  ["nested quantifiers with a lookahead", "^(?=http)http://site.example/(a+)+$", "quarantined"],
  ["alternatives that match the same, with a reference", "^http://site.example/(a|a)*(b)\\2$", "quarantined"],
  ["thousands of instructions", `(${"x{1000}".repeat(200)})y`, "quarantined"],
])("%s: the event loop goes on, and the pattern costs this once", async (_, url_regex, state) => {
  const { sideload, plugins, lines } = await openPlugins();
  await sideload(downloader("slow", url_regex), downloader("good", "^http://site[.]example/"));
  const turns = await turnsDuring(async () => expect(await plugins.takesUrl(SLOW)).toBe(true));
  const { health } = await plugins.record("slow");
  expect(health.state).toBe(state);
  if (state === "ok") return;
  // The worker had two seconds for the pattern.
  expect(turns).toBeGreaterThan(20);
  expect(health.reason).toMatch(/url_regex takes seconds/);
  expect(lines.filter(({ msg }) => msg.startsWith("slow is quarantined"))).toHaveLength(1);
  expect(await plugins.takesUrl(SLOW)).toBe(true);
  expect(lines.filter(({ msg }) => msg.startsWith("slow is quarantined"))).toHaveLength(1);
});
