import { expect, test } from "vitest";
import { hashOfText, openSigned, publication } from "../support/signed-registry.ts";

const two = { echo: { "1.0.0": "one", "2.0.0": "two" } };

test("a version that is gone is refused, until its yank names it with its hash", async () => {
  const { source, refresh, offered } = await openSigned();
  const first = publication({ offers: two });
  source.show(first);
  await refresh();
  const offers = { echo: { "2.0.0": "two" } };
  source.show(publication({ after: first, offers }));
  await expect(refresh()).rejects.toMatchObject({
    code: "VERSION_REMOVED",
    params: { namespace: "echo", version: "1.0.0" },
  });
  source.show(publication({ after: first, offers, yanked: { echo: { "1.0.0": "another text" } } }));
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_REMOVED" });
  expect(await offered()).toEqual(["1.0.0", "2.0.0"]);
  const yank = publication({ after: first, offers, yanked: { echo: { "1.0.0": "one" } } });
  source.show(yank);
  await refresh();
  expect(await offered()).toEqual(["2.0.0"]);
  // The yank stays for ever, also where the details that follow are not valid.
  source.show(publication({ after: yank, offers }));
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_REMOVED" });
});

test("a version with other bytes is refused, also after it was yanked", async () => {
  const { source, refresh, offered } = await openSigned();
  const first = publication({ offers: two });
  source.show(first);
  await refresh();
  source.show(publication({ after: first, offers: { echo: { "1.0.0": "bad", "2.0.0": "two" } } }));
  await expect(refresh()).rejects.toMatchObject({
    code: "VERSION_CHANGED",
    params: { version: "1.0.0", expected: hashOfText("one"), actual: hashOfText("bad") },
  });
  const yank = publication({
    after: first,
    offers: { echo: { "2.0.0": "two" } },
    yanked: { echo: { "1.0.0": "one" } },
  });
  source.show(yank);
  await refresh();
  source.show(publication({ after: yank, offers: { echo: { "1.0.0": "bad", "2.0.0": "two" } } }));
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_CHANGED" });
  expect(await offered()).toEqual(["2.0.0"]);
});

test("details that are not valid, under the right hash, yank nothing and hide nothing", async () => {
  const { source, refresh, offered, store, id } = await openSigned();
  const first = publication({ offers: two });
  source.show(first);
  await refresh();
  const yank = publication({
    after: first,
    offers: { echo: { "2.0.0": "two" } },
    yanked: { echo: { "1.0.0": "one" } },
  });
  source.show(yank);
  await refresh();
  const details = Buffer.from('{"version":1,"plugins":[]}');
  const bad = publication({
    after: yank,
    offers: { echo: { "2.0.0": "two" } },
    details: hashOfText(details.toString()),
  });
  source.show({ ...bad, details });
  await refresh();
  expect(await offered()).toEqual(["2.0.0"]);
  expect(await store.catalog.details(id)).toEqual(yank.details);
});
