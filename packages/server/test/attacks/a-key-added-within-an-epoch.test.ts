import { expect, test } from "vitest";
import { seedOf, signingSeed } from "../../../trust/test/fixture.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

test.each([
  ["added", { signingSeeds: [signingSeed, seedOf("added")] }],
  ["replaced", { signingSeeds: [seedOf("other")] }],
])(
  "a key that is %s within an epoch is refused, although it is certified, and kept as evidence",
  async (_, keys) => {
    const { source, refresh, offered, accepted } = await openSigned();
    const first = publication();
    source.show(first);
    await refresh();
    const forked = publication({
      after: first,
      ...keys,
      offers: { echo: { "1.0.0": "one", "6.6.6": "bad" } },
    });
    source.show(forked);
    await expect(refresh()).rejects.toMatchObject({ code: "KEYS_FORKED" });
    expect(await offered()).toEqual(["1.0.0"]);
    expect(await accepted()).toMatchObject({
      sequence: 1,
      evidence: [{ code: "KEYS_FORKED", accepted: first.head.toString(), other: forked.head.toString() }],
    });
  },
);
