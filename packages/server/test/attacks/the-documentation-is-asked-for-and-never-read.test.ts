import { expect, onTestFinished, test } from "vitest";
import { createDocsPage } from "../../src/http/docs-page.ts";
import { openApiDocument } from "../../src/http/openapi.ts";
import { openTestServer } from "../http/test-server.ts";

const PAGE = "/api/docs";
const LARGE = `${PAGE}/static/swagger-ui-bundle.js`;

test("all answers of a file of the documentation send the same bytes", async () => {
  const page = await createDocsPage(openApiDocument(), PAGE);
  onTestFinished(() => page.close());
  const files = await Promise.all(Array.from({ length: 100 }, () => page.fileAt(LARGE)));
  const [first] = files;
  expect(first?.bytes.length).toBeGreaterThan(500_000);
  for (const file of files) expect(file?.bytes).toBe(first?.bytes);
  expect((await page.fileAt(LARGE))?.bytes).toBe(first?.bytes);
});

test.each([
  `${PAGE}/./static/swagger-ui-bundle.js`,
  `${PAGE}/static//swagger-ui-bundle.js`,
  `${PAGE}/static/swagger-ui%2Dbundle.js`,
  `${PAGE}/static/../static/swagger-ui-bundle.js`,
  `${PAGE}/static/none.js`,
])("another name of a file, %s, is no file", async (path) => {
  const page = await createDocsPage(openApiDocument(), PAGE);
  onTestFinished(() => page.close());
  expect(await page.fileAt(path)).toBeUndefined();
});

test("a client that has a file gets 304, and a query names no other file", async () => {
  const { http, close } = await openTestServer();
  onTestFinished(close);
  const first = await http.inject(`${LARGE}?1`);
  expect(first.statusCode).toBe(200);
  const again = await http.inject({ url: LARGE, headers: { "if-none-match": String(first.headers.etag) } });
  expect([again.statusCode, again.rawPayload.length]).toEqual([304, 0]);
});
