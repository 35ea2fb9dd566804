import { expect, test } from "vitest";
import { createRegistryTrust } from "../../src/catalog/trust/registry-trust.ts";
import { utcTime } from "../../src/clock.ts";
import { checkRegistries } from "../../src/notifications/incidents.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

const DAY = 86_400;
test("a registry that shows one old head for ever is told once a promised head is a week late, and is used as before", async () => {
  const { source, refresh, registries, store, offered, clock, id } = await openSigned();
  const [time, renew] = [utcTime(clock.now), utcTime(clock.now + 30 * DAY)];
  const first = publication({ time, renew });
  source.show(first);
  await refresh();
  const trusts = createRegistryTrust({ store, isRequired: async () => false, now: () => clock.now });
  const list = async () =>
    Promise.all((await registries.list()).map(async (one) => ({ ...one, trust: await trusts.of(one) })));
  const told = checkRegistries({ list }, () => clock.now);
  clock.now += 37 * DAY;
  await refresh();
  expect([...(await told())]).toEqual([]);
  clock.now += 1;
  await refresh();
  expect([...(await told())]).toEqual([
    [`${id} RENEWAL_OVERDUE 1`, expect.stringContaining(`promised another head by ${renew}`)],
  ]);
  expect(await offered()).toEqual(["1.0.0"]);
});
