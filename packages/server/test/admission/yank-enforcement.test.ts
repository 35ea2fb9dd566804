import type { Yank } from "@hitagi/contract";
import { pino } from "pino";
import { expect, test } from "vitest";
import type { BlockListDocument } from "../../src/admission/block-list-document.ts";
import { createYankEnforcement, isYankAllowed } from "../../src/admission/yank-enforcement.ts";
import { createActivePlugins } from "../../src/plugins/registry/active.ts";

const yank: Yank = {
  ...{ sha256: "a".repeat(64), reason: "It deletes tags.", at: "2026-02-02T03:04:05Z", dangerous: true },
};
const REGISTRY = "REG_0000000001";

const opened = (said: Yank | undefined, registry: string | null = REGISTRY) => {
  const document: BlockListDocument = { lists: [], allowed: [] };
  const state = { said, kept: undefined as unknown };
  const active = createActivePlugins({ retire: () => {} });
  const manifest = {
    namespace: "echo",
    type: "script",
    name: "e",
    version: "1.0.0",
    author: "",
    description: "",
  };
  const flags = { enabled: false, hidden: false, priority: 0, granted: {}, health: { state: "ok" } } as const;
  const code = { namespace: "echo", sha256: yank.sha256, filename: "e.ts", source: Buffer.alloc(0) } as const;
  active.set("echo", {
    ...{ namespace: "echo", manifest: manifest as never, code, ...flags, registry },
    ...{ origin: registry ? "managed" : "sideloaded", runtime: "deno", path: "e.ts" },
  });
  const enforce = createYankEnforcement({
    active,
    lists: { read: async () => document },
    yankOf: async () => state.said,
    store: {
      quarantine: async (_namespace, kept) => {
        state.kept = kept;
      },
    },
    log: pino({ level: "silent" }),
    now: () => 1_800_000_000,
  });
  return { state, document, enforce, health: () => active.get("echo")?.health };
};

test("an installed version that is yanked as dangerous is quarantined, with the keeper's reason", async () => {
  const { enforce, health, state } = opened(yank);
  await enforce("REG_0000000002");
  expect(health()).toEqual({ state: "ok" });
  await enforce(REGISTRY);
  const reason = "its keeper yanked 1.0.0 as dangerous on 2026-02-02: It deletes tags.";
  expect(health()).toMatchObject({ state: "quarantined", cause: "yanked", reason });
  expect(state.kept).toMatchObject({ cause: "yanked", reason });
});

test("one that is only yanked runs on, and one from a file", async () => {
  const { dangerous: _, ...harmless } = yank;
  for (const world of [opened(harmless), opened(undefined), opened(yank, null)]) {
    await world.enforce();
    expect(world.health()).toEqual({ state: "ok" });
  }
});

test("it runs again by the owner's word, given after the yank, or where the keeper takes it back", async () => {
  const { enforce, health, state, document } = opened(yank);
  const since = Date.parse(yank.at) / 1000;
  document.allowed = [{ namespace: "echo", since: since - 1 }];
  expect(isYankAllowed(document, "echo", yank, since)).toBe(false);
  await enforce();
  expect(health()).toMatchObject({ cause: "yanked" });
  document.allowed = [{ namespace: "echo", since }];
  await enforce();
  expect([health(), state.kept]).toEqual([{ state: "ok" }, undefined]);
  document.allowed = [];
  await enforce();
  expect(health()).toMatchObject({ cause: "yanked" });
  state.said = undefined;
  await enforce();
  expect(health()).toEqual({ state: "ok" });
});

test("a yank of the future, or of no date, leaves the owner the last word", async () => {
  for (const at of ["2999-01-01T00:00:00Z", "2026-99-99T99:99:99Z"]) {
    const { enforce, health, document } = opened({ ...yank, at });
    await enforce();
    expect(health()).toMatchObject({ cause: "yanked" });
    document.allowed = [{ namespace: "echo", since: 1_800_000_000 }];
    await enforce();
    expect(health()).toEqual({ state: "ok" });
  }
});
