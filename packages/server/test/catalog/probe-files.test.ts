import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type ForgeName, forgeServer } from "../sources/forge-server.ts";
import { gitHost } from "../sources/git-world.ts";
import { makeAuthority } from "../support/authority.ts";
import { httpsServer } from "../support/http-server.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openProbe } from "./probe-world.ts";

const authority = await makeAuthority();

/** A folder as LANraragi's repository is: plugins deep in it, and no registry.json. */
const stockFolder = async (): Promise<string> => {
  const folder = await tempFolder();
  const plugins = path.join(folder, "lib", "LANraragi", "Plugin", "Metadata");
  await mkdir(plugins, { recursive: true });
  await writeFile(path.join(plugins, "One.pm"), "sub plugin_info { }");
  await writeFile(path.join(plugins, "Two.pm"), "sub plugin_info { }");
  await writeFile(path.join(folder, "lib", "LANraragi", "Utils.pm"), "package LANraragi::Utils;");
  return folder;
};

describe("an address without registry.json", () => {
  test("of a folder is offered with a generated index", async () => {
    const probe = await openProbe(authority);
    const folder = await stockFolder();
    expect(await probe({ address: folder })).toMatchObject({
      ...{ provider: "local", path: folder, generateIndex: true, files: 2, usable: false },
      failure: { code: "SOURCE_FILE_MISSING" },
      tried: [{ provider: "local", outcome: "SOURCE_FILE_MISSING" }],
    });
    const found = await probe({ address: folder, generateIndex: true });
    expect(found).toMatchObject({ provider: "local", generateIndex: true, files: 2, usable: true });
    expect(found).not.toHaveProperty("failure");
  });

  test.each<[ForgeName, string]>([
    ["github", "owner/repo"],
    ["gitea", "owner/repo"],
    ["gitlab", "group/sub/repo"],
  ])("on %s is offered by its address for git", async (forge, project) => {
    const folder = await stockFolder();
    const { base } = await forgeServer({ forge, authority, folder, project });
    const probe = await openProbe(authority, forge === "github" ? base : undefined);
    const place = { provider: "git", url: `${base}/${project}.git`, ref: "HEAD" };
    const address = `${base}/${project}`;
    expect(await probe({ address })).toMatchObject({
      ...place,
      generateIndex: true,
      files: 2,
      usable: false,
    });
    expect(await probe({ address, generateIndex: true, folder: "lib/LANraragi/Plugin" })).toMatchObject({
      ...{ ...place, folder: "lib/LANraragi/Plugin", files: 2, usable: true },
    });
    const page =
      forge === "gitlab" ? "-/tree/main/lib" : forge === "gitea" ? "src/branch/main/lib" : "tree/main/lib";
    expect(await probe({ address: `${address}/${page}` })).toMatchObject({
      ...{ ...place, ref: "main", folder: "lib", files: 2 },
    });
    expect(await probe({ address, generateIndex: true, probe: false })).toMatchObject({
      ...{ ...place, generateIndex: true, usable: false },
    });
  });

  test("of a repository is offered, with its token too", async () => {
    const { url } = await gitHost({ authority, folder: await stockFolder(), token: "secret-of-a-test" });
    const probe = await openProbe(authority);
    expect(await probe({ address: url })).toMatchObject({ usable: false, wants: "token" });
    expect(await probe({ address: url, generateIndex: true })).toMatchObject({
      usable: false,
      wants: "token",
    });
    const token = { kind: "token" as const, secret: "secret-of-a-test" };
    expect(await probe({ address: url }, token)).toMatchObject({ provider: "git", files: 2 });
  });

  test("and without plugin files is not offered", async () => {
    const probe = await openProbe(authority);
    const folder = await tempFolder();
    await writeFile(path.join(folder, "README.md"), "no plugins");
    expect(await probe({ address: folder })).not.toHaveProperty("generateIndex");
    expect(await probe({ address: folder, generateIndex: true })).toMatchObject({ files: 0, usable: false });
  });

  test("of a web folder cannot be listed", async () => {
    const probe = await openProbe(authority);
    const url = await httpsServer(authority, (_, response) => response.writeHead(404).end());
    const cdn = { provider: "cdn" as const, url: `${url}/a`, generateIndex: true };
    await expect(probe(cdn)).rejects.toMatchObject({ code: "REGISTRY_FIELDS_INVALID" });
    expect(await probe({ address: `${url}/a/b/c` })).not.toHaveProperty("generateIndex");
  });
});
