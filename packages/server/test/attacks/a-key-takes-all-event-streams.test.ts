import { createClient } from "@hitagi/contract";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { defaultLimits } from "../../src/http/limits.ts";
import { KEY, openTestServer, type TestServer } from "../http/test-server.ts";

let server: TestServer;
let address: string;
beforeAll(async () => {
  server = await openTestServer();
  address = await server.http.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => server.close());

test("one key has at most its share of the streams, and other keys have theirs", async () => {
  const { streams, streamsByKey } = defaultLimits;
  const made = await server.call("createKey", { body: { name: "reader", scope: "read" } });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const open = (key: string) => createClient(address, key).streamEvents({ query: {}, signal: stop.signal });
  const asked = await Promise.allSettled(Array.from({ length: streams }, () => open(made.body.key)));
  expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(streamsByKey);
  const refused = asked.find((one) => one.status === "rejected");
  expect(refused?.reason).toMatchObject({ status: 503, code: "TOO_MANY_STREAMS" });
  expect(streamsByKey * 2).toBeLessThanOrEqual(streams);
  await expect(open(KEY)).resolves.toBeTruthy();
});
