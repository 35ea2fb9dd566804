import { pino } from "pino";
import { expect, test } from "vitest";
import { createLocalArtifacts } from "../../../src/artifacts/local.ts";
import { createSharedArtifacts } from "../../../src/artifacts/shared.ts";
import { unavailablePlugin } from "../../../src/plugins/registry/active-plugin.ts";
import type { ArtifactShare, PluginRecord } from "../../../src/store/types.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const never = (): Promise<never> => new Promise(() => {});
const silent: ArtifactShare = { put: never, read: never, has: never, remove: never };

test("a plugin whose bytes cannot be fetched is listed without waiting for its manifest", async () => {
  const local = createLocalArtifacts(await tempFolder());
  const artifacts = createSharedArtifacts({ local, share: silent, log: pino({ level: "silent" }) });
  const provenance = {
    path: "Managed/Scripts/p.ts",
    version: "1.0.0",
    registry: null,
    sha256: "a".repeat(64),
    type: "script" as const,
  };
  const record: PluginRecord = {
    namespace: "p",
    type: "script",
    provenance,
    settings: {},
    secrets: {},
    enabled: false,
    hidden: false,
    priority: 0,
    granted: {},
    quarantine: undefined,
  };
  const health = { state: "missing", reason: "it is away" } as const;
  const listed = await unavailablePlugin({ artifacts, runtimes: [] }, record, provenance, health);
  expect(listed).toMatchObject({ namespace: "p", health, manifest: { name: "p", version: "1.0.0" } });
});
