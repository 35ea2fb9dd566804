import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

const PAGE = "<!doctype html><html><body>Nothing here</body></html>";

test("a registry that was signed is not taken without its head", async () => {
  const { source, refresh, offered } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  const { index } = publication({ offers: { echo: { "6.6.6": "bad" } } });
  source.show({ index });
  await expect(refresh()).rejects.toMatchObject({ code: "SIGNATURE_MISSING" });
  source.show({ index, head: Buffer.from("something else\n") });
  await expect(refresh()).rejects.toMatchObject({ code: "SIGNATURE_MISSING" });
  expect(await offered()).toEqual(["1.0.0"]);
});

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

test.each([
  ["a byte-order mark", (head: Buffer) => Buffer.concat([Buffer.from("\ufeff"), head]), /./],
  [
    "a later version",
    (head: Buffer) => Buffer.from(head.toString().replace("hitagi-head/v1", "hitagi-head/v2")),
    /version 2/,
  ],
  ["carriage returns", (head: Buffer) => Buffer.from(head.toString().replaceAll("\n", "\r\n")), /./],
])("a head with %s is invalid, not absent", async (_, change, message) => {
  const { source, refresh } = await openSigned();
  const first = publication();
  source.show({ ...first, head: change(first.head) });
  await expect(refresh()).rejects.toMatchObject({
    code: "HEAD_INVALID",
    message: expect.stringMatching(message),
  });
});

test("a huge head and a slow head fail the refresh within its total time", async () => {
  const { source, refresh } = await openSigned({ timeoutMs: 300 });
  source.show({ ...publication(), head: Buffer.alloc(200_000, "hitagi-head/v1\n") });
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_INVALID" });
  source.answer("registry.head", () => {});
  await expect(refresh()).rejects.toMatchObject({ code: "SOURCE_TIMEOUT" });
});
