import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

const PAGE = "<!doctype html><html><body>Nothing here</body></html>";

test.each<[string, string, number, Record<string, string>, string]>([
  ["a 503", "SOURCE_STATUS", 503, {}, ""],
  ["a web page", "SOURCE_WEB_PAGE", 200, { "content-type": "text/html" }, PAGE],
  ["a redirect to a login", "SOURCE_LOGIN_PAGE", 302, { location: "/login" }, ""],
  ["a refusal", "SOURCE_CREDENTIAL_NEEDED", 403, {}, ""],
])(
  "%s in place of the head does not mean unsigned, also at first contact",
  async (_, code, status, headers, body) => {
    const { source, refresh, offered } = await openSigned();
    source.show({ index: publication().index });
    source.answer("registry.head", (response) => void response.writeHead(status, headers).end(body));
    source.answer("login", (response) => void response.end(`${PAGE}<input type="password">`));
    await expect(refresh()).rejects.toMatchObject({ code });
    expect(await offered()).toEqual([]);
    source.answer("registry.head", (response) => void response.writeHead(404).end());
    await refresh();
    expect(await offered()).toEqual(["1.0.0"]);
  },
);

test("an answer that breaks off does not mean unsigned", async () => {
  const { source, refresh, offered } = await openSigned({ timeoutMs: 20_000 });
  source.show({ index: publication().index });
  source.answer("registry.head", (response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("hitagi");
    response.socket?.end();
  });
  await expect(refresh()).rejects.toMatchObject({ code: expect.stringMatching(/^SOURCE_/) });
  expect(await offered()).toEqual([]);
});
