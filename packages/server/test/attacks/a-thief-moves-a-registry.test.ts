import { expect, test } from "vitest";
import { NEW_ADDRESS, openMoved, publication, thief } from "../support/signed-registry.ts";

const movedTo = NEW_ADDRESS;

test("a thief without the recovery key moves nothing: the address is certified, and fixed within an epoch", async () => {
  const { source, refresh, accepted, follow } = await openMoved();
  const first = publication();
  source.show(first);
  await refresh();
  // With a stolen signing key.
  const text = publication({ after: first }).head.toString();
  const changed = text.replace(/^certified/m, `moved-to ${movedTo}\ncertified`);
  source.show({ ...first, head: Buffer.from(changed) });
  await expect(refresh()).rejects.toMatchObject({ code: "KEYS_NOT_CERTIFIED" });
  // With a certificate of this epoch, which only a keeper by mistake or a stolen recovery key makes.
  source.show(publication({ after: first, movedTo }));
  await expect(refresh()).rejects.toMatchObject({ code: "KEYS_FORKED" });
  expect(await accepted()).toMatchObject({ sequence: 1 });
  await expect(follow()).rejects.toMatchObject({ code: "REGISTRY_NOT_MOVED" });
});

test("a thief at the address to which a registry moved shows other keys, and the registry stays where it is", async () => {
  const { source, there, refresh, offered, registries, follow, id } = await openMoved();
  const moved = publication({ movedTo });
  source.show(moved);
  await refresh();
  const before = await registries.get(id);
  const shown: [code: string, files: Parameters<typeof there.show>[0]][] = [
    ["RECOVERY_KEY_CHANGED", publication({ ...thief, movedTo })],
    ["ORIGIN_CHANGED", publication({ origin: "example.net/others" })],
    ["SIGNATURE_MISSING", { index: moved.index }],
    ["HEAD_FORKED", publication({ movedTo, time: "2026-11-30T12:00:00Z" })],
  ];
  for (const [code, files] of shown) {
    there.show(files);
    await expect(follow()).rejects.toMatchObject({ code });
    expect(await registries.get(id)).toEqual(before);
  }
  there.show(moved);
  await follow();
  expect([(await registries.get(id)).url, await offered()]).toEqual([NEW_ADDRESS, ["1.0.0"]]);
});

test("the credential of a registry is not sent to the address to which it moved", async () => {
  const { source, there, places, credited, refresh, registries, follow, id } = await openMoved();
  const oldAddress = "https://old.example.org/plugins";
  places.set(oldAddress, source.url);
  await registries.update(id, { url: oldAddress }, { kind: "token", secret: "a-secret-token" });
  const moved = publication({ movedTo });
  source.show(moved);
  await refresh();
  there.show(moved);
  await follow();
  expect(new Set(credited)).toEqual(new Set([oldAddress]));
  expect(await registries.get(id)).not.toHaveProperty("credential");
});
