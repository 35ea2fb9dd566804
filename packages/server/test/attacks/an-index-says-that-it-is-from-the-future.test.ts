import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { openWorld } from "../catalog/world.ts";
import { httpServer } from "../support/http-server.ts";
import { largeIndex } from "../support/large-index.ts";
import { serveRegistry } from "../support/served-registry.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** The time in seconds from now, in the form of an index. */
const after = (seconds: number): string =>
  new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");

/** A registry whose index of 2099 was taken, and confirmed unchanged. */
const attacked = async () => {
  const world = await serveRegistry();
  await world.publish("2099-01-01T00:00:00Z", ["1.0.0"], ["2.0.0"]);
  expect((await world.refresh()).status).toBe(200);
  return world;
};

test("an index of the year 2099 does not make the honest ones after it too old", async () => {
  const { publish, refresh } = await attacked();
  await publish(after(5), ["1.0.0"], ["1.1.0"]);
  expect((await refresh()).status).toBe(200);
});

test("an index of the year 2099 does not open the way for an older one", async () => {
  const { publish, refresh } = await attacked();
  await publish(after(-3600), ["1.0.0"]);
  const { status, body } = await refresh();
  expect([status, body.code]).toEqual([409, "INDEX_OLDER"]);
  expect((await refresh({ acceptOlder: true })).status).toBe(200);
});

test("the index after the one of 2099 is compared with its own time", async () => {
  const { publish, refresh } = await attacked();
  await publish(after(5), ["1.0.0"]);
  await refresh();
  await publish(after(-3600), ["1.0.0"]);
  expect((await refresh()).body.code).toBe("INDEX_OLDER");
});

test("a refresh without a change does not make the honest index before it too old", async () => {
  const { catalog, clock, registries } = await openWorld();
  const folder = await tempFolder();
  const url = await httpServer(({ headers }, response) => {
    void readFile(path.join(folder, "registry.json")).then((bytes) => {
      const etag = `"${createHash("sha1").update(bytes).digest("hex")}"`;
      response.setHeader("etag", etag);
      if (headers["if-none-match"] === etag) response.writeHead(304).end();
      else response.end(bytes);
    });
  });
  const { id } = await registries.create({ name: "r", provider: "cdn", url });
  const publish = (seconds: number) =>
    writeFile(
      path.join(folder, "registry.json"),
      JSON.stringify({
        ...largeIndex(1),
        generated_at: new Date(seconds * 1000).toISOString().replace(".000", ""),
      }),
    );
  const begun = clock.now;
  await publish(begun + 1e8);
  await catalog.refresh(id);
  clock.now += 1000;
  expect((await catalog.refresh(id)).changed).toBe(false);
  await publish(begun + 500);
  expect((await catalog.refresh(id)).changed).toBe(true);
  await publish(begun + 400);
  await expect(catalog.refresh(id)).rejects.toMatchObject({ code: "INDEX_OLDER" });
});
