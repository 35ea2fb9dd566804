import { expect, test } from "vitest";
import { createAdmission } from "../../src/admission/admission.ts";
import { blockLists } from "../../src/admission/block-list-document.ts";
import { createRegistryTrust } from "../../src/catalog/trust/registry-trust.ts";
import { createDocuments } from "../../src/documents/documents.ts";
import { hashOfText, openSigned, publication } from "../support/signed-registry.ts";

const good = { echo: { "1.0.0": "one" } };

/** What the owner's rules say of the kept version of a thief, after a registry showed these publications. */
const withThiefsVersion = async () => {
  const world = await openSigned();
  const documents = createDocuments({ store: world.store.documents, ensureFresh: async () => {} });
  let allowedSince: number | undefined;
  const trust = createRegistryTrust({ store: world.store, isRequired: async () => false, now: () => 0 });
  const admission = createAdmission({
    documents,
    lists: {
      read: async () => ({
        ...(await documents.read(blockLists)).value,
        allowed: allowedSince === undefined ? [] : [{ namespace: "echo", since: allowedSince }],
      }),
    },
    installed: () => [],
    registryOf: async () => undefined,
    yankOf: async () => undefined,
    isLeftOut: trust.isLeftOut,
    withdrawnSince: trust.withdrawnSince,
    wasSigned: trust.wasSigned,
    now: () => 0,
  });
  const judge = async (version: string, text: string) => {
    const kept = { namespace: "echo", version, sha256: hashOfText(text), registry: world.id };
    const { refusals } = await admission.judge({ ...kept, type: "script", runtime: undefined });
    return refusals.map(({ code }) => code);
  };
  const allow = (since: number) => {
    allowedSince = since;
  };
  return { ...world, judge, allow };
};

test("a version that a new epoch withdrew is refused, until the owner allows it after that", async () => {
  const { source, refresh, accepted, judge, allow } = await withThiefsVersion();
  source.show(publication({ offers: { echo: { "1.0.0": "one", "1.3.0": "thief's" } } }));
  await refresh();
  expect(await judge("1.3.0", "thief's")).toEqual([]);
  source.show(publication({ epoch: 2, offers: good }));
  await refresh();
  expect(await judge("1.3.0", "thief's")).toEqual(["VERSION_NOT_IN_EPOCH"]);
  expect(await judge("1.0.0", "one")).toEqual([]);
  const { epochSince = 0 } = (await accepted()) ?? {};
  allow(epochSince - 1);
  expect(await judge("1.3.0", "thief's")).toEqual(["VERSION_NOT_IN_EPOCH"]);
  allow(epochSince);
  expect(await judge("1.3.0", "thief's")).toEqual([]);
});

test("the first head of a registry, and a yank within its epoch, withdraw nothing", async () => {
  const { source, refresh, judge } = await withThiefsVersion();
  const first = publication({ offers: { echo: { "1.0.0": "one", "2.0.0": "two" } } });
  source.show(first);
  await refresh();
  expect(await judge("0.9.0", "before it was signed")).toEqual([]);
  source.show(
    publication({
      after: first,
      offers: { echo: { "2.0.0": "two" } },
      yanked: { echo: { "1.0.0": "one" } },
    }),
  );
  await refresh();
  expect(await judge("1.0.0", "one")).toEqual([]);
});
