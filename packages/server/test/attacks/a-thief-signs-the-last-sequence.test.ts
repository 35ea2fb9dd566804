import { expect, test } from "vitest";
import { seedOf } from "../../../trust/test/fixture.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

test("a thief's last possible sequence locks the epoch, and is answered by the next one", async () => {
  const { source, refresh, accepted, offered } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  source.show(publication({ sequence: 2 ** 53 - 1, previous: [] }));
  await refresh();
  expect(await accepted()).toMatchObject({ sequence: 2 ** 53 - 1, linked: false });
  // The keeper's next head of this epoch is before it.
  source.show(publication({ after: first }));
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_ROLLED_BACK" });
  const offers = { echo: { "1.0.0": "one", "1.0.1": "mended" } };
  source.show(publication({ epoch: 2, signingSeeds: [seedOf("new")], offers }));
  await refresh();
  expect(await accepted()).toMatchObject({ epoch: 2, sequence: 1 });
  expect(await offered()).toEqual(["1.0.0", "1.0.1"]);
});

test("a sequence beyond 2^53-1 is no number, and a time of the year 2099 only warns", async () => {
  const { source, refresh, accepted } = await openSigned();
  const { head, ...files } = publication({ sequence: 2 ** 53 - 1, previous: [] });
  const text = head.toString().replace(/^sequence \d+$/m, `sequence ${2n ** 53n}`);
  source.show({ ...files, head: Buffer.from(text) });
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_INVALID" });
  const late = publication({ time: "2099-01-01T00:00:00Z" });
  source.show(late);
  await refresh();
  source.show(publication({ after: late }));
  await refresh();
  expect((await accepted())?.sequence).toBe(2);
});
