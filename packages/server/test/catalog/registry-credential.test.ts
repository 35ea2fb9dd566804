import { describe, expect, test } from "vitest";
import { makeSshKey } from "../support/sshd.ts";
import { openWorld } from "./world.ts";

const token = { kind: "token" as const, secret: "s3cr3t" };
const refused = (reason: string) => ({
  code: "REGISTRY_FIELDS_INVALID",
  params: { reason: expect.stringContaining(reason) },
});
const gitea = { name: "g", provider: "gitea" as const, url: "https://codeberg.org/a/b", ref: "main" };
const ssh = { name: "s", provider: "git" as const, url: "git@example.org:a/b" };

describe("a registry's credential", () => {
  test("is kept by a change on its host and dropped with the host", async () => {
    const { registries, store } = await openWorld();
    const { id } = await registries.create(gitea, token);
    await registries.update(id, { name: "h", url: "https://codeberg.org/a/c" });
    expect(await store.registries.credential(id)).toEqual(token);
    await registries.update(id, { url: "https://gitea.com/a/c" });
    expect(await store.registries.credential(id)).toBeUndefined();
    await registries.update(id, { url: "https://codeberg.org/a/b" }, token);
    await registries.update(id, { provider: "cdn", url: "http://codeberg.org/a/b" });
    expect(await store.registries.credential(id)).toBeUndefined();
  });

  test("is kept for another host only if it is given again", async () => {
    const { registries, store } = await openWorld();
    const { id } = await registries.create(gitea, token);
    const other = { ...token, secret: "other" };
    await registries.update(id, { url: "https://gitea.com/a/c" }, other);
    expect(await store.registries.credential(id)).toEqual(other);
    await registries.update(id, {}, null);
    expect(await registries.get(id)).not.toHaveProperty("credential");
  });

  test("must be of the kind that the source accepts", async () => {
    const { registries } = await openWorld();
    const key = { kind: "ssh-key" as const, secret: (await makeSshKey()).secret };
    await expect(registries.create(ssh, token)).rejects.toMatchObject(refused("ssh key"));
    await expect(registries.create(gitea, key)).rejects.toMatchObject(refused("token"));
    const open = { name: "o", provider: "cdn" as const, url: "http://example.org/" };
    await expect(registries.create(open, token)).rejects.toMatchObject(refused("https"));
    const local = { name: "l", provider: "local" as const, path: "/srv" };
    await expect(registries.create(local, token)).rejects.toMatchObject(refused("no credential"));
    expect((await registries.create(ssh, key)).credential).toBe("ssh-key");
  });

  test("must be a private key without a passphrase", async () => {
    const { registries } = await openWorld();
    const locked = { kind: "ssh-key" as const, secret: (await makeSshKey("passphrase")).secret };
    await expect(registries.create(ssh, locked)).rejects.toMatchObject(refused("passphrase"));
    const text = { kind: "ssh-key" as const, secret: "ssh-ed25519 AAAA" };
    await expect(registries.create(ssh, text)).rejects.toMatchObject(refused("private key"));
  });
});
