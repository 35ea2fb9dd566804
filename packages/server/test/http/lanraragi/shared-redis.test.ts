import { expect, onTestFinished, test } from "vitest";
import { cbz } from "../../library/cbz.ts";
import { startRemote } from "../../library/lanraragi/open-remote.ts";
import { perlPlugin } from "../../perl/world.ts";
import { noPerl } from "../../runtimes/perl/fixture.ts";
import { clientOf } from "../../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { writeRegistry } from "../../support/registry-fixture.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { archiveForm } from "../calls/archives.ts";
import { openTestServer } from "../test-server.ts";

const redis = sharedRedis();

const open = async (settings: Parameters<typeof openTestServer>[0]) => {
  const server = await openTestServer(settings);
  onTestFinished(() => server.close());
  return server;
};

test.skipIf(withoutRedis || noPerl)(
  "an upgrade of a Perl plugin asks for LANraragi's restart, and its install does not",
  async () => {
    const { call, ended } = await open({ store: redis().address(2), perl: "1" });
    const path = await tempFolder();
    const versions = ["1.0.0", "1.1.0"].map((version) => ({
      version,
      artifact: `plugins/${version}/Echo.pm`,
      source: perlPlugin({
        ...{ namespace: "echo", type: "script", stem: "Echo", version },
        sub: `sub run_script { return (version => "${version}") }`,
      }),
    }));
    await writeRegistry(path, [{ namespace: "echo", type: "script", versions }]);
    const { id: registry } = (await call("createRegistry", { body: { name: "r", provider: "local", path } }))
      .body;
    await call("refreshRegistry", { params: { id: registry } });
    const pending = () => clientOf(redis(), 2).hget("LRR_SERVER", "restart_pending");
    const install = async (version: string) => {
      const { body } = await call("installPlugin", { body: { namespace: "echo", registry, version } });
      expect((await ended(body.job)).result).toMatchObject({ success: 1, data: { version } });
      return pending();
    };
    expect([await install("1.0.0"), await install("1.1.0")]).toEqual([null, "1"]);
    expect((await call("usePlugin", { query: { plugin: "echo" } })).body.data).toEqual({ version: "1.1.0" });
    expect((await call("getInfo")).body.restart_required).toBe(false);
  },
);

test.skipIf(withoutRedis)(
  "new archives of a LANraragi that has this Redis too are left to it, unless the setting says otherwise",
  async () => {
    const remote = await startRemote();
    const there = remote.services.library;
    const shared = { library: `lanraragi+${remote.address}`, libraryKey: remote.apiKey.key };
    const tagsAfterUpload = async (name: string, database: number, settings: object) => {
      const { call } = await open({ ...shared, store: redis().address(database), ...settings });
      const params = { namespace: "copytags" };
      await call("putSettings", { params, body: { tags: "by:hitagi" } });
      await call("configurePlugin", { params, body: { enabled: true } });
      const { body } = await call("uploadArchive", { payload: archiveForm(`${name}.cbz`, cbz(name)) });
      return (await there.get(body.id)).tags;
    };
    expect(await tagsAfterUpload("auto", 3, {})).toBe("");
    expect(await tagsAfterUpload("here", 4, { newArchives: "here" })).toBe("by:hitagi");
    expect(await tagsAfterUpload("theirs", 5, { newArchives: "lanraragi" })).toBe("");
  },
);
