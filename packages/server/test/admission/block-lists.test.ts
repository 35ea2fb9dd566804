import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeSeed } from "@hitagi/trust";
import { expect, onTestFinished, test } from "vitest";
import { makeSigningKey } from "../../src/keeper/new-keys.ts";
import { planBlockList } from "../../src/keeper/sign-block-list.ts";
import { openTestServer } from "../http/test-server.ts";
import { offered } from "../install/plugin-source.ts";
import { httpServer } from "../support/http-server.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

const key = makeSigningKey({ origin: "example.org/blocks", epoch: 1 }, makeSeed());

/** A list that a keeper signed, in a file of the server. */
const signedList = async (folder: string, text: string) => {
  const plan = planBlockList({ text, key, before: undefined, time: "2026-11-29T12:00:00Z" });
  const file = path.join(folder, "blocks.txt");
  await writeFile(file, plan.file ?? "");
  return { address: file, key: plan.key };
};

/** A server with a registry on the web, below an owner's path, that offers `echo` 1.0.0. */
const withEcho = async () => {
  const folder = await tempFolder();
  await writeRegistry(folder, [offered("echo", ["1.0.0"])]);
  const site = await httpServer((request, response) => {
    readFile(path.join(folder, (request.url ?? "").replace("/evil-1/plugins", ""))).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  const url = `${site}/evil-1/plugins`;
  const server = await openTestServer();
  onTestFinished(() => server.close());
  const fields = { name: "r", provider: "cdn", url, refresh: true };
  const registry: string = (await server.call("createRegistry", { body: fields })).body.id;
  const codesOf = (reports: { code: string }[]) => reports.map(({ code }) => code);
  const preview = async () => {
    const { plan } = (await server.call("previewInstall", { body: { namespace: "echo", registry } })).body;
    return {
      ...{ sha256: plan.sha256 as string, version: plan.version },
      ...{ conflicts: codesOf(plan.conflicts), warnings: codesOf(plan.warnings) },
    };
  };
  return { server, folder, url, preview };
};

test.each<[kind: string, about: string, value: (known: { sha256: string; url: string }) => string, boolean]>([
  ["namespace", "its own", () => "echo", true],
  ["namespace", "another", () => "echoes", false],
  ["hash", "its own", ({ sha256 }) => `sha256:${sha256}`, true],
  ["hash", "another", () => `sha256:${"0".repeat(64)}`, false],
  ["host", "its own", () => "127.0.0.1", true],
  ["host", "one above", () => "*.0.0.1", true],
  ["host", "another", () => "localhost", false],
  ["address", "its own", ({ url }) => url, true],
  ["address", "one below", ({ url }) => `${url}/elsewhere`, false],
  ["owner", "a pattern of its own", () => "127.0.0.1/evil-*", true],
  ["owner", "another", () => "127.0.0.1/evil", false],
])("a signed list that names a %s, %s, of a plugin", async (kind, _about, valueIn, isBlocked) => {
  const { server, folder, preview, url } = await withEcho();
  const { sha256 } = await preview();
  const { address, key } = await signedList(folder, `block ${kind} ${valueIn({ sha256, url })} It steals.`);
  const body = { name: "own", address, key };
  expect((await server.call("addBlockList", { body })).body.lists).toMatchObject([{ entries: 1, key }]);
  expect((await preview()).conflicts).toEqual(isBlocked ? ["PLUGIN_BLOCKED"] : []);
  await server.call("removeBlockList", { params: { name: "own" } });
  expect((await preview()).conflicts).toEqual([]);
});

test("a list that warns of a plugin keeps nothing from being installed", async () => {
  const { server, folder, preview } = await withEcho();
  const { address } = await signedList(folder, "warn namespace echo It is slow.");
  await server.call("addBlockList", { body: { name: "own", address } });
  expect(await preview()).toMatchObject({ conflicts: [], warnings: ["PLUGIN_WARNED_OF"] });
});
