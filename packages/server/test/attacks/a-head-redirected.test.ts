import { expect, test } from "vitest";
import { httpServer } from "../support/http-server.ts";
import { openSigned, publication, thief } from "../support/signed-registry.ts";

test("a head that is redirected to another service of the network is refused, and does not mean unsigned", async () => {
  const { source, refresh, offered } = await openSigned();
  const asked: string[] = [];
  const inside = await httpServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(404).end();
  });
  source.show({ index: publication().index });
  source.answer("registry.head", (response) => {
    response.writeHead(302, { location: `${inside}/registry.head` }).end();
  });
  await expect(refresh()).rejects.toMatchObject({ code: "SOURCE_REDIRECT" });
  expect([asked, await offered()]).toEqual([[], []]);
});

test("a head that is redirected within its host must be of the pinned key all the same", async () => {
  const { source, refresh, offered } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  source.answer("registry.head", (response) => {
    response.writeHead(301, { location: "/other.head" }).end();
  });
  const { head } = publication({ after: first, ...thief });
  source.answer("other.head", (response) => void response.end(head));
  await expect(refresh()).rejects.toMatchObject({ code: "RECOVERY_KEY_CHANGED" });
  source.answer("other.head", (response) => void response.end(first.head));
  await refresh();
  expect(await offered()).toEqual(["1.0.0"]);
});

test("a head that is redirected in a circle ends", async () => {
  const { source, refresh } = await openSigned();
  source.show({ index: publication().index });
  source.answer("registry.head", (response) => {
    response.writeHead(302, { location: "/registry.head" }).end();
  });
  await expect(refresh()).rejects.toMatchObject({ code: "SOURCE_REDIRECT" });
  expect(source.requested.filter((name) => name === "registry.head").length).toBeLessThan(20);
});
