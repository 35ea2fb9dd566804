import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type ForgeName, forgeServer } from "../sources/forge-server.ts";
import { gitHost } from "../sources/git-world.ts";
import { makeAuthority } from "../support/authority.ts";
import { httpsServer } from "../support/http-server.ts";
import { fixtureIndex } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openProbe } from "./probe-world.ts";

const authority = await makeAuthority();
const TOKEN = "s3cr3t-token-of-a-trial";
const token = { kind: "token" as const, secret: TOKEN };
const index = fixtureIndex([
  { namespace: "a", type: "metadata", versions: [{ version: "1.0.0", source: "x" }] },
]);

const writeIndex = async (folder: string, value: unknown = index): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "registry.json"), JSON.stringify(value));
};

const open = (base?: string) => openProbe(authority, base);

const indexFolder = async (): Promise<string> => {
  const folder = await tempFolder();
  await writeIndex(folder);
  return folder;
};

describe("an address of an unknown host", () => {
  test.each<[ForgeName, string]>([
    ["gitea", "owner/repo"],
    ["gitlab", "group/sub/repo"],
  ])("is recognised as %s", async (forge, project) => {
    const { base, asked } = await forgeServer({ forge, authority, folder: await indexFolder(), project });
    const tryOut = await open();
    const found = await tryOut({ address: `${base}/${project}` });
    expect(found).toMatchObject({
      provider: forge,
      url: `${base}/${project}`,
      ref: "HEAD",
      usable: true,
      plugins: 1,
    });
    expect(found.tried.at(-1)).toMatchObject({ provider: forge, outcome: "OK" });
    expect(asked.length).toBeLessThanOrEqual(6);
  });

  test("is recognised as plain git", async () => {
    const { origin } = await gitHost({ authority, folder: await indexFolder() });
    const tryOut = await open();
    const found = await tryOut({ address: `${origin}/group/repo.git` });
    expect(found).toMatchObject({ provider: "git", usable: true });
    const bare = await httpsServer(authority, (_, response) => response.writeHead(404).end());
    expect(await tryOut({ address: `${bare}/a/b` })).toMatchObject({
      usable: false,
      failure: expect.anything(),
    });
  });

  test("is recognised as a web folder with one request", async () => {
    let requests = 0;
    const url = await httpsServer(authority, (_, response) => {
      requests++;
      response.end(JSON.stringify(index));
    });
    const tryOut = await open();
    expect(await tryOut({ address: `${url}/a/b` })).toMatchObject({ provider: "cdn", usable: true });
    expect(requests).toBe(1);
  });

  test("is no registry when it sends a web page for everything", async () => {
    const url = await httpsServer(authority, (_, response) => response.end("<!doctype html><p>Welcome"));
    const tryOut = await open();
    const found = await tryOut({ address: `${url}/a/b` });
    expect(found.usable).toBe(false);
    expect(found.tried.length).toBeGreaterThan(1);
  });

  test("gets one request when it is unreachable", async () => {
    const tryOut = await open();
    const { tried, failure } = await tryOut({ address: "https://127.0.0.1:1/a/b" });
    expect(tried).toHaveLength(1);
    expect(failure?.code).toBe("SOURCE_UNREACHABLE");
  });
});

test("a folder on a branch with slashes in its name is found", async () => {
  const folder = await tempFolder();
  await writeIndex(path.join(folder, "sub"));
  const project = "owner/repo";
  const { base } = await forgeServer({
    forge: "gitea",
    authority,
    folder,
    project,
    branches: ["release/1.x"],
  });
  const tryOut = await open();
  const found = await tryOut({ address: `${base}/${project}/src/branch/release/1.x/sub` });
  expect(found).toMatchObject({ provider: "gitea", ref: "release/1.x", folder: "sub", usable: true });
});

test("a branch beside an address that names one is the same or is refused", async () => {
  const tryOut = await open();
  const address = "https://github.com/o/r/tree/feature/x/y";
  const without = { probe: false, address };
  expect(await tryOut({ ...without, ref: "feature/x" })).toMatchObject({ ref: "feature/x", folder: "y" });
  expect(await tryOut({ ...without, folder: "y" })).toMatchObject({ ref: "feature/x", folder: "y" });
  expect(await tryOut({ probe: false, address: "https://github.com/o/r", ref: "dev" })).toMatchObject({
    ref: "dev",
  });
  for (const other of [{ ref: "main" }, { ref: "HEAD" }, { ref: "feature", folder: "z" }])
    await expect(tryOut({ ...without, ...other })).rejects.toMatchObject({
      code: "ADDRESS_UNKNOWN",
      message: expect.stringContaining("names another branch or folder"),
    });
});

test.each(["github", "gitlab", "gitea"] as const)(
  "a private repository on %s says what it wants, and is found with it",
  async (forge) => {
    const folder = await indexFolder();
    const { base } = await forgeServer({ forge, authority, folder, token: TOKEN });
    const tryOut = await open(forge === "github" ? base : undefined);
    const request = { address: `${base}/owner/repo`, provider: forge };
    const closed = await tryOut(request);
    expect(closed).toMatchObject({ usable: false, wants: "token" });
    const found = await tryOut(request, token);
    expect(found).toMatchObject({ provider: forge, usable: true });
    const wrong = await tryOut(request, { ...token, secret: "another" });
    expect(wrong).toMatchObject({ failure: { code: "SOURCE_CREDENTIAL_REFUSED" }, wants: "token" });
    expect(JSON.stringify([closed, found, wrong])).not.toContain(TOKEN);
  },
);

test("the result lists the issues of the index and counts the valid plugins", async () => {
  const folder = await tempFolder();
  await writeIndex(folder, { ...index, plugins: { ...index.plugins, b: {} } });
  const tryOut = await open();
  const found = await tryOut({ address: folder });
  expect(found).toMatchObject({ provider: "local", usable: false, plugins: 1 });
  expect(found.faults?.every((fault) => fault.path.startsWith("/plugins/b"))).toBe(true);
  expect(found.faultCount).toBe(found.faults?.length);
});

test("the fields of a registry are probed as given and validated as for a new one", async () => {
  const folder = await indexFolder();
  const tryOut = await open();
  expect(await tryOut({ provider: "local", path: folder })).toMatchObject({ usable: true });
  await expect(
    tryOut({ provider: "github", url: "https://example.org/a/b", ref: "x" }),
  ).rejects.toMatchObject({
    code: "REGISTRY_FIELDS_INVALID",
  });
  await expect(tryOut({ provider: "local", path: folder }, token)).rejects.toMatchObject({
    code: "REGISTRY_FIELDS_INVALID",
  });
  await expect(tryOut({})).rejects.toMatchObject({ code: "ADDRESS_UNKNOWN" });
});
