import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { RegistryFields } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import type { Source } from "../../src/sources/types.ts";
import { makeRepository } from "../support/git-repository.ts";
import { makeSshKey, sshd, sshServer } from "../support/sshd.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openGit } from "./git-world.ts";
import { sourceContract } from "./source-contract.ts";

const limits = { maxBytes: 1000, timeoutMs: 150_000 };

/** A repository behind a real sshd, and the key that it lets in. */
const sshHost = async (folder: string) => {
  const root = await tempFolder();
  const repository = await makeRepository(path.join(root, "repo.git"));
  const key = await makeSshKey();
  const server = await sshServer(key.open, () => repository.publish(folder));
  const credential = { kind: "ssh-key" as const, secret: key.secret };
  const fields: RegistryFields = { name: "s", provider: "git", url: `${server.address}${repository.place}` };
  return { server, credential, fields };
};

const withKey = (source: Source, credential: { kind: "ssh-key"; secret: string }): Source => ({
  ...source,
  fetch: (fields, file, options) => source.fetch(fields, file, { ...options, credential }),
});

// A continuous run does not show what it skips.
if (process.env.CI && !sshd) {
  throw new Error("Install openssh-server; `npm test` does so by itself as root where there is apt-get.");
}

// Without sshd there is nothing real to talk to.
describe.skipIf(!sshd)("with the sshd of this machine", () => {
  sourceContract("git over ssh", async (folder) => {
    const { credential, fields } = await sshHost(folder);
    const { source } = await openGit();
    return { source: withKey(source, credential), fields };
  });

  const open = async () => {
    const folder = await tempFolder();
    await writeFile(path.join(folder, "registry.json"), "the index");
    const host = await sshHost(folder);
    const { source, folder: place } = await openGit();
    const read = async (credential?: { kind: "ssh-key"; secret: string }) => {
      const got = await source.fetch(host.fields, "registry.json", {
        ...limits,
        ...(credential && { credential }),
      });
      return got.changed && got.bytes.toString();
    };
    return { ...host, read, place };
  };

  test("the right key is required", async () => {
    const { read, credential } = await open();
    expect(await read(credential)).toBe("the index");
    await expect(read()).rejects.toMatchObject({ code: "SOURCE_CREDENTIAL_NEEDED" });
    const other = { kind: "ssh-key" as const, secret: (await makeSshKey()).secret };
    await expect(read(other)).rejects.toMatchObject({ code: "SOURCE_CREDENTIAL_REFUSED" });
    const damaged = {
      kind: "ssh-key" as const,
      secret: credential.secret.replace(/[A-Za-z]{10}/, "AAAAAAAAAA"),
    };
    await expect(read(damaged)).rejects.toMatchObject({ code: "SOURCE_CREDENTIAL_REFUSED" });
  });

  test("the host's first key is stored and a different one is refused later", async () => {
    const { read, credential, server, place } = await open();
    await read(credential);
    expect(await readFile(path.join(place, "known_hosts"), "utf8")).toContain("[127.0.0.1]:");
    await server.changeHostKey();
    await expect(read(credential)).rejects.toMatchObject({ code: "SOURCE_HOST_KEY_CHANGED" });
  });

  test("a missing repository is reported as missing", async () => {
    const { fields, credential } = await open();
    const { source } = await openGit();
    const gone = { ...fields, url: `${fields.url}-gone` };
    await expect(source.fetch(gone, "registry.json", { ...limits, credential })).rejects.toMatchObject({
      code: "SOURCE_REPOSITORY_MISSING",
    });
  });

  test("the address may have the form of scp", async () => {
    const { fields } = await open();
    const { source } = await openGit();
    const [, user, place] = /^ssh:\/\/([^@]+)@[^/]+(\/.*)$/.exec(fields.url ?? "") ?? [];
    // Port 22 cannot be had in a test, so only that ssh was begun at all is seen.
    const failure = await source
      .fetch({ ...fields, url: `${user}@127.0.0.2:${place}` }, "registry.json", limits)
      .catch((error) => error);
    expect(failure.code).toMatch(/^SOURCE_/);
  });
});
