import { expect, test } from "vitest";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";

const FLOOD = 25_000;

/** A plugin that logs numbered lines in one burst, and then its error. */
const flooding = (statement: string) =>
  pluginSource(
    { namespace: "flood", type: "script" },
    `for (let n = 1; n <= ${FLOOD}; n++) { ${statement} } console.error("the real error"); throw new Error("no luck");`,
  );

const OMISSION = /^(\d+) lines of this log are left out/;

test.each([
  ["console", "console.log(String(n));"],
  ["the plugin's log", "ctx.log.info(String(n));"],
])("by %s: the first 500 and the last 500 lines are kept, the others are counted", async (_, statement) => {
  const { sideload, plugins, lines, runtime } = await openPlugins();
  await sideload(flooding(statement));
  await expect(plugins.use({ namespace: "flood" })).rejects.toMatchObject({
    code: "PLUGIN_FAILED",
    message: "no luck",
  });
  await expect.poll(() => lines.at(-1)?.msg).toBe("the real error");
  const log = lines.filter(({ plugin }) => plugin === "flood").map(({ msg }) => msg);
  expect(log.slice(0, 500)).toEqual(Array.from({ length: 500 }, (_, n) => String(n + 1)));
  expect(log.slice(-500, -1)).toEqual(Array.from({ length: 499 }, (_, n) => String(FLOOD - 498 + n)));
  const leftOut = log.map((text) => Number(OMISSION.exec(text)?.[1] ?? 0)).reduce((a, b) => a + b);
  const kept = log.filter((text) => !OMISSION.test(text)).length;
  expect(leftOut + kept).toBe(FLOOD + 1);
  expect(kept).toBeLessThan(3000);
  expect(runtime.stats().crashes).toBe(0);
  expect((await plugins.record("flood")).health.state).toBe("ok");
});

test("with lines of megabytes: they are shortened, and the last one is there", async () => {
  const { sideload, plugins, lines } = await openPlugins();
  const source = pluginSource(
    { namespace: "flood", type: "script" },
    `const long = "x".repeat(5e6); for (let n = 0; n < 100; n++) console.log(long); console.log("end"); return 1;`,
  );
  await sideload(source);
  expect((await plugins.use({ namespace: "flood" })).data).toEqual({ result: 1 });
  await expect.poll(() => lines.at(-1)?.msg).toBe("end");
  expect(Math.max(...lines.map(({ msg }) => msg.length))).toBeLessThanOrEqual(4096);
});
