import { expect, test } from "vitest";
import { checkRegistries } from "../../src/notifications/incidents.ts";
import { openSigned, publications } from "../support/signed-registry.ts";

const DAY = 86_400;

test("a slow cache is behind, heals by itself, and is told to the owner only once it lasts a day", async () => {
  const { source, refresh, registries, offered, id, clock } = await openSigned();
  const [first = {}, second = {}] = publications(2);
  source.show(second);
  await refresh();
  source.show(first);
  const since = clock.now;
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
  clock.now += DAY - 1;
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
  expect((await registries.get(id)).failure).toMatchObject({ code: "REGISTRY_BEHIND", since, at: clock.now });
  const told = checkRegistries(registries, () => clock.now);
  expect([...(await told())]).toEqual([]);
  clock.now += 1;
  expect([...(await told()).keys()]).toEqual([`${id} REGISTRY_BEHIND`]);
  expect(await offered()).toEqual(["1.0.0"]);
  source.show(second);
  await refresh();
  expect(await registries.get(id)).not.toHaveProperty("failure");
});
