import path from "node:path";
import { api } from "@hitagi/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { archiveCalls } from "./calls/archives.ts";
import { batchCalls } from "./calls/batches.ts";
import { categoryCalls } from "./calls/categories.ts";
import { chainCalls } from "./calls/chain.ts";
import { detailCalls } from "./calls/details.ts";
import { installCalls } from "./calls/installs.ts";
import { jobCalls } from "./calls/jobs.ts";
import { keyCalls } from "./calls/keys.ts";
import { lockfileCalls } from "./calls/lockfile.ts";
import { notificationCalls } from "./calls/notifications.ts";
import { pluginCalls } from "./calls/plugins.ts";
import { blockListCalls, installPolicyCalls, policyCalls } from "./calls/policy.ts";
import { registryCalls } from "./calls/registries.ts";
import { registryTrustCalls } from "./calls/registry-trust.ts";
import { requirementCalls } from "./calls/requirements.ts";
import { restoreCalls } from "./calls/restores.ts";
import { scheduleCalls } from "./calls/schedules.ts";
import { sessionCalls } from "./calls/sessions.ts";
import { fixturePlugins } from "./plugin-sources.ts";
import { bearer, KEY, openTestServer, type TestServer } from "./test-server.ts";

/** Shared by the suites: one server whose registry has the fixture's plugins. */
export interface World {
  server: TestServer;
  /** The folder of the fixture's registry. */
  folder: string;
  /** The id of the refreshed registry. */
  registry: string;
}

/** All calls on one kind of store. */
const allCalls = (settings: () => { store?: string }): void => {
  const world = {} as World;
  const get = (): World => world;

  beforeAll(async () => {
    world.server = await openTestServer(settings());
    world.folder = path.join(world.server.folder, "fixture");
    await writeRegistry(world.folder, fixturePlugins);
    const body = { name: "Fixture", provider: "local", path: world.folder };
    world.registry = (await world.server.call("createRegistry", { body })).body.id;
    await world.server.call("refreshRegistry", { params: { id: world.registry } });
  });
  afterAll(() => world.server.close());

  describe("registries", () => registryCalls(get));
  describe("the install policy", () => installPolicyCalls(get));
  describe("block lists", () => blockListCalls(get));
  describe("signed registries", () => registryTrustCalls(get));
  describe("details", () => detailCalls(get));
  describe("installs", () => installCalls(get));
  describe("requirements", () => requirementCalls(get));
  describe("lock files and mirrors", () => lockfileCalls(get));
  describe("plugins", () => pluginCalls(get));
  describe("the field policy", () => policyCalls(get));
  describe("archives", () => archiveCalls(get));
  describe("categories", () => categoryCalls(get));
  describe("batches", () => batchCalls(get));
  describe("the chain", () => chainCalls(get));
  describe("jobs", () => jobCalls(get));

  describe("schedules", () => scheduleCalls(get));

  describe("receivers of notifications", () => notificationCalls(get));

  describe("keys", () => keyCalls(get));
  describe("sessions of browsers", () => sessionCalls(get));

  describe("restores", () => restoreCalls(get));

  describe("every operation", () => {
    it("was tested above with a 200 response of its schema", async () => {
      await world.server.call("getInfo");
      await world.server.call("getHealth");
      await world.server.call("listNodes");
      await world.server.call("listBadRecords");
      await world.server.call("examineServer");
      await world.server.call("getServerSettings");
      await world.server.call("listHistory");
      await world.server.call("getMetrics");
      const events = await world.server.http.inject({
        url: api.streamEvents.path,
        headers: bearer(KEY),
        payloadAsStream: true,
      });
      events.stream().destroy();
      if (events.statusCode === 200) world.server.answered.add("streamEvents");
      await world.server.call("listPluginLog", { params: { namespace: "tagger" } });
      const log = await world.server.http.inject({
        url: api.streamPluginLog.path.replace(":namespace", "tagger"),
        headers: bearer(KEY),
        payloadAsStream: true,
      });
      log.stream().destroy();
      if (log.statusCode === 200) world.server.answered.add("streamPluginLog");
      await world.server.call("listServerLog");
      const ownLog = await world.server.http.inject({
        url: api.streamServerLog.path,
        headers: bearer(KEY),
        payloadAsStream: true,
      });
      ownLog.stream().destroy();
      if (ownLog.statusCode === 200) world.server.answered.add("streamServerLog");
      const never = Object.keys(api).filter((id) => !world.server.answered.has(id as keyof typeof api));
      expect(never).toEqual([]);
    });
  });
};

describe("on SQLite", () => allCalls(() => ({})));

describe.skipIf(withoutRedis)("on Redis", () => {
  const redis = sharedRedis();
  // Redis is backed up by its own tools.
  allCalls(() => ({ store: redis().address(2) }));
});
