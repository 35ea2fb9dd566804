import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { announceInstalls, announcePatches } from "../../src/events/announce.ts";
import type { EventBody } from "../../src/events/types.ts";
import type { Installer } from "../../src/install/types.ts";
import { type ActiveSet, createActivePlugins } from "../../src/plugins/registry/active.ts";
import { activePlugin } from "../plugins/active-plugin.ts";

const open = () => {
  const published: EventBody[] = [];
  const active = createActivePlugins({ retire: () => {} });
  return { published, active, publish: (event: EventBody) => void published.push(event) };
};

const sample = (version: string) => activePlugin({ namespace: "sample", version });

test("a quarantine has its own event, any other change of a plugin is a configuration, and a missing plugin has none", () => {
  const { published, active, publish } = open();
  const announced = announcePatches(active, publish);
  announced.set("sample", sample("1.0.0"));
  announced.patch("sample", { health: { state: "quarantined", reason: "it crashed" } });
  announced.patch(toNamespace("SAMPLE"), { enabled: true });
  announced.patch("nobody", { enabled: true });
  const plugin = { kind: "plugin", namespace: "sample", version: "1.0.0", from: "1.0.0" };
  expect(published).toEqual([
    { ...plugin, action: "quarantined" },
    { ...plugin, action: "configured" },
  ]);
});

test.each([
  [undefined, "1.0.0", "installed"],
  ["1.0.0", "1.0.0", "installed"],
  ["1.9.0", "1.10.0", "upgraded"],
  ["1.10.0", "1.9.0", "downgraded"],
  ["1.0.0", "1.0.0-rc.1", "downgraded"],
  ["first", "second", "upgraded"],
  ["1.0.0", undefined, "removed"],
])("from %s to %s a plugin is %s", (from, version, action) => {
  const { published, active, publish } = open();
  let running: ActiveSet | undefined;
  announceInstalls(active, publish, (set) => {
    running = set;
    return {} as Installer;
  });
  active.set("sample", from === undefined ? undefined : sample(from));
  running?.set(toNamespace("Sample"), version === undefined ? undefined : sample(version));
  expect(published).toEqual([
    { kind: "plugin", action, namespace: "sample", version: version ?? null, from: from ?? null },
  ]);
});
