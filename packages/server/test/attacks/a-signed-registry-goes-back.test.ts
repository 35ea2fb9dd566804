import { expect, test } from "vitest";
import { seedOf } from "../../../trust/test/fixture.ts";
import { openSigned, type Publication, publication } from "../support/signed-registry.ts";

const chain = (length: number): Publication[] =>
  Array.from({ length }).reduce<Publication[]>((all) => {
    const after = all.at(-1);
    return [...all, publication(after ? { after } : {})];
  }, []);

test("an earlier head is behind where the accepted one names it, and rolled back where it does not", async () => {
  const { source, refresh, accepted, registries, id } = await openSigned();
  const heads = chain(70);
  source.show(heads[69] ?? {});
  await refresh();
  source.show(heads[60] ?? {});
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
  source.show(heads[0] ?? {});
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_ROLLED_BACK" });
  expect((await accepted())?.sequence).toBe(70);
  expect((await registries.get(id)).failure).toMatchObject({ code: "HEAD_ROLLED_BACK" });
});

test("a stale cache heals by itself, and the registry's record says since when it is behind", async () => {
  const { source, refresh, registries, id, clock } = await openSigned();
  const [first, second] = chain(2);
  source.show(second ?? {});
  await refresh();
  source.show(first ?? {});
  const since = clock.now;
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
  clock.now += 600;
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
  expect((await registries.get(id)).failure).toMatchObject({ code: "REGISTRY_BEHIND", since, at: clock.now });
  source.show(second ?? {});
  await refresh();
  expect(await registries.get(id)).not.toHaveProperty("failure");
});

test("an older epoch is not taken again, whatever its sequence", async () => {
  const { source, refresh, accepted } = await openSigned();
  const old = publication({ sequence: 40 });
  source.show(old);
  await refresh();
  source.show(publication({ epoch: 2, signingSeeds: [seedOf("new")] }));
  await refresh();
  source.show(publication({ sequence: 2 ** 53 - 1 }));
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_ROLLED_BACK" });
  expect(await accepted()).toMatchObject({ epoch: 2, sequence: 1 });
});

test("an owner who missed a change of keys follows it, because each head carries its proof", async () => {
  const { source, refresh, accepted } = await openSigned();
  source.show(publication());
  await refresh();
  source.show(
    publication({
      epoch: 7,
      sequence: 3,
      previous: [{ sequence: 2, sha256: "a".repeat(64) }],
      signingSeeds: [seedOf("third")],
    }),
  );
  await refresh();
  expect(await accepted()).toMatchObject({ epoch: 7, sequence: 3 });
});

test("a thief's last possible sequence is answered by the next epoch", async () => {
  const { source, refresh, accepted } = await openSigned();
  source.show(publication({ sequence: 2 ** 53 - 1, previous: [] }));
  await refresh();
  source.show(publication({ epoch: 2, signingSeeds: [seedOf("new")] }));
  await refresh();
  expect(await accepted()).toMatchObject({ epoch: 2, sequence: 1 });
});
