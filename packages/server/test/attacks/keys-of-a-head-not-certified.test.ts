import { expect, test } from "vitest";
import { headOf } from "../../../trust/test/fixture.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

test("keys that the recovery key did not certify are refused, and what was accepted stays", async () => {
  const { source, refresh, offered, accepted } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  // The certificate is of another epoch.
  const { certified } = headOf({ epoch: 9 });
  source.show(publication({ after: first, certified, offers: { echo: { "1.0.0": "one", "6.6.6": "bad" } } }));
  await expect(refresh()).rejects.toMatchObject({ code: "KEYS_NOT_CERTIFIED", status: 502 });
  expect(await offered()).toEqual(["1.0.0"]);
  expect((await accepted())?.sequence).toBe(1);
});

test("keys that are not certified are refused at first contact too, and nothing is pinned", async () => {
  const { source, refresh, offered, store, id } = await openSigned();
  source.show(publication({ certified: headOf({ epoch: 9 }).certified }));
  await expect(refresh()).rejects.toMatchObject({ code: "KEYS_NOT_CERTIFIED" });
  expect(await offered()).toEqual([]);
  expect(await store.trust.pin(id)).toBeUndefined();
});
