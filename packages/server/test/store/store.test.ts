import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("the driver is chosen by the scheme", async () => {
  const file = path.join(await tempFolder(), "a:b c.db");
  const store = await openStore(`sqlite:${file}`);
  onTestFinished(() => store.close());
  await expect(store.check()).resolves.toBeUndefined();
});

test("an unknown scheme is rejected", async () => {
  await expect(openStore("postgres://localhost")).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});
