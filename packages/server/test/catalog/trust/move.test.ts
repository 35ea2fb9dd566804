import { expect, test } from "vitest";
import { createRegistryTrust } from "../../../src/catalog/trust/registry-trust.ts";
import { NEW_ADDRESS, openMoved, publication } from "../../support/signed-registry.ts";

/** A registry that moved, and whether its owner is offered the move. */
const withMove = async () => {
  const world = await openMoved();
  const { store, registries, clock, id } = world;
  const first = publication({ movedTo: NEW_ADDRESS });
  world.source.show(first);
  await world.refresh();
  const trusts = createRegistryTrust({ store, isRequired: async () => false, now: () => clock.now });
  const offeredMove = async () => {
    const { movedTo, warnings } = await trusts.of(await registries.get(id));
    return [movedTo, warnings.some(({ code }) => code === "REGISTRY_MOVED")];
  };
  return { ...world, first, offeredMove };
};

test("a move is offered until it is followed, and what was accepted stays", async () => {
  const { there, first, offeredMove, follow, accepted, refresh } = await withMove();
  expect(await offeredMove()).toEqual([NEW_ADDRESS, true]);
  const next = publication({ after: first, movedTo: NEW_ADDRESS });
  there.show(next);
  await follow();
  expect(await offeredMove()).toEqual([undefined, false]);
  expect((await accepted())?.sequence).toBe(2);
  there.show(first);
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
});

test("a move that the owner declines is not offered again, also after other heads, and another address is", async () => {
  const { source, decisions, id, first, offeredMove, refresh } = await withMove();
  await decisions.declineMove(id, NEW_ADDRESS);
  source.show(publication({ after: first, movedTo: NEW_ADDRESS }));
  await refresh();
  expect(await offeredMove()).toEqual([undefined, false]);
  const elsewhere = "https://elsewhere.example.org";
  source.show(publication({ epoch: 2, movedTo: elsewhere }));
  await refresh();
  expect(await offeredMove()).toEqual([elsewhere, true]);
});
