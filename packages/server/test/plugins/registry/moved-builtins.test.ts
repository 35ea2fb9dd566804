import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { moveBuiltins } from "../../../src/plugins/registry/moved-builtins.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const open = async () => {
  const store = await openSqliteStore(path.join(await tempFolder(), "hitagi.db"));
  onTestFinished(() => store.close());
  return store.plugins;
};

test("settings, flags and grants of copytags move once to copy-archive-tags", async () => {
  const store = await open();
  await store.register("copytags", "metadata");
  await store.set("copytags", { copy_date_added: true });
  await store.configure("copytags", { enabled: true, priority: 4 });
  await store.grant("copytags", { library: "read" });
  await moveBuiltins(store, false);
  const flags = { enabled: true, hidden: false, priority: 4, granted: { library: "read" } };
  expect(await store.get("copy-archive-tags")).toMatchObject({
    ...flags,
    settings: { copy_date_added: true },
  });
  expect(await store.get("copytags")).toMatchObject({
    enabled: false,
    priority: 0,
    granted: {},
    settings: {},
  });
  await store.configure("copytags", { enabled: true });
  await store.configure("copy-archive-tags", { enabled: false });
  await moveBuiltins(store, false);
  expect(await store.get("copytags")).toMatchObject({ enabled: true });
  expect(await store.get("copy-archive-tags")).toMatchObject({ enabled: false });
});

test("a record of LANraragi's own copytags stays on a shared store", async () => {
  const store = await open();
  await store.register("copytags", "metadata");
  await store.configure("copytags", { enabled: true });
  await moveBuiltins(store, true);
  expect(await store.get("copytags")).toMatchObject({ enabled: true });
  expect(await store.get("copy-archive-tags")).toBeUndefined();
  await moveBuiltins(store, false);
  expect(await store.get("copy-archive-tags")).toMatchObject({ enabled: true });
});
