import { expect, test } from "vitest";
import { serveRegistry } from "../support/served-registry.ts";

test("an index of the year 2099 does not make the honest ones after it too old", async () => {
  const { publish, refresh } = await serveRegistry();
  await publish("2099-01-01T00:00:00Z", ["1.0.0"]);
  expect((await refresh()).status).toBe(200);
  await publish("2024-06-01T00:00:00Z", ["1.0.0"], ["1.1.0"]);
  expect((await refresh()).status).toBe(200);
  await publish("2024-05-01T00:00:00Z", ["1.0.0"]);
  expect((await refresh()).body.code).toBe("INDEX_OLDER");
});
