import { rm } from "node:fs/promises";
import path from "node:path";
import { type AskedPermission, MAX_CHANGELOGS, MAX_UPDATE_CHANGELOG } from "@hitagi/contract";
import { expect, test } from "vitest";
import { changelogBetween, publishedDetails } from "../../src/catalog/details.ts";
import { writeDetailed } from "../support/details-registry.ts";
import { hashOfText } from "../support/signed-registry.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openWorld } from "./world.ts";

const yank = { sha256: hashOfText("0.9.0"), reason: "It deletes tags.", at: "2026-02-02T03:04:05Z" };
const echo = {
  namespace: "echo",
  type: "script" as const,
  versions: ["1.0.0", "1.1.0"].map((version) => ({ version, source: version })),
};
const said = {
  readme: "# Echo\n\nAnswers.",
  tags: ["test"],
  deprecated: { reason: "It is old.", replacement: "answer" as const },
  versions: { "1.0.0": { size: 5 }, "1.1.0": { changelog: "- Answers twice", requires: { hitagi: "*" } } },
  yanked: { "0.9.0": yank },
};

/** A registry whose details say these things of `echo`, refreshed. */
const opened = async (of = said as object) => {
  const world = await openWorld();
  const { id, folder } = await world.addLocal();
  const publish = async (more: Parameters<typeof writeDetailed>[2]) => {
    await writeDetailed(folder, [echo], more);
    await world.catalog.refresh(id);
  };
  await publish({ name: "Example", contact: "keeper@example.org", plugins: { echo: of } });
  return { ...world, id, folder, publish };
};

test("an offer has the details of its plugin, versions newest first", async () => {
  const { catalog, id } = await opened();
  const [offer] = await catalog.offers("echo");
  const { versions, yanked, ...texts } = said;
  expect(offer?.details).toEqual({
    ...texts,
    versions: [
      { version: "1.1.0", ...versions["1.1.0"] },
      { version: "1.0.0", ...versions["1.0.0"] },
    ],
    yanked: [{ version: "0.9.0", ...yank }],
  });
  expect((await catalog.details(id, ["echo"]))[0]).toEqual(offer?.details);
  expect(await catalog.details(id, ["other"])).toEqual([undefined]);
});

test("fields that this version does not know are left out, and control characters", async () => {
  const { catalog, id } = await opened({ readme: "a\u0007b", later: { deep: {} } });
  expect((await catalog.details(id, ["echo"]))[0]).toEqual({ readme: "ab", versions: [], yanked: [] });
});

test("details that are not valid hide the texts, and what was yanked stays yanked", async () => {
  const { catalog, id, publish } = await opened();
  await publish({ bytes: Buffer.from('{"version":1,"plugins":{"echo":{"readme":7}}}') });
  expect((await catalog.details(id, ["echo"]))[0]).toEqual({
    versions: [],
    yanked: [{ version: "0.9.0", ...yank }],
  });
  await publish({ plugins: { echo: { readme: "again", yanked: { "0.9.0": yank } } } });
  expect((await catalog.details(id, ["echo"]))[0]).toMatchObject({ readme: "again" });
});

test("large details are read beside the work of the server", async () => {
  const { catalog, id, publish } = await opened();
  const many = Array.from({ length: 40 }, (_, n) => [`p${n}`, { readme: `${n}`.repeat(5000) }]);
  await publish({ plugins: { ...Object.fromEntries(many), echo: { ...said, readme: "long" } } });
  expect((await catalog.details(id, ["p39"]))[0]).toMatchObject({ readme: "39".repeat(5000) });
  expect((await catalog.details(id, ["echo"]))[0]).toMatchObject({ readme: "long" });
});

test("details beside an unsigned index are not read: no head names them", async () => {
  const asked: string[] = [];
  const { catalog, registries, store } = await openWorld({
    around: (all) => ({
      ...all,
      get: (provider) => {
        const source = all.get(provider);
        return {
          ...source,
          fetch: (fields, file, limits) => {
            asked.push(file);
            return source.fetch(fields, file, limits);
          },
        };
      },
    }),
  });
  const folder = await tempFolder();
  await writeDetailed(folder, [echo], { name: "Example", plugins: { echo: said } });
  await rm(path.join(folder, "registry.head"));
  const { id } = await registries.create({ name: "open", provider: "local", path: folder });
  await catalog.refresh(id);
  expect(asked).toEqual(["registry.head", "registry.json"]);
  expect(await catalog.details(id, ["echo"])).toEqual([undefined]);
  expect(await store.catalog.details(id)).toBeUndefined();
  const [offer] = await catalog.offers("echo");
  expect(offer?.versions.map(({ version }) => version)).toEqual(["1.1.0", "1.0.0"]);
});

test("a registry without details says nothing", async () => {
  const { catalog, id, folder, store } = await opened();
  await rm(path.join(folder, "registry.head"));
  await store.trust.setPin(id, undefined);
  await catalog.refresh(id);
  expect(await catalog.details(id, ["echo"])).toEqual([undefined]);
  expect((await catalog.offers("echo"))[0]).not.toHaveProperty("details");
});

test("an update has the changelogs of the versions that it brings", async () => {
  const { catalog, installed, id } = await opened();
  installed.set("echo", { version: "1.0.0", registry: id });
  expect(await catalog.updates()).toMatchObject([
    { update: "1.1.0", changelog: [{ version: "1.1.0", changelog: "- Answers twice" }] },
  ]);
});

test("changelogs are between the installed version and the new one, within a limit of text", () => {
  const versions = Object.fromEntries(
    ["1.0.0", "1.1.0", "1.2.0-beta", "1.2.0", "2.0.0"].map((version) => [version, { changelog: version }]),
  );
  const between = (after: string, upTo: string) =>
    changelogBetween({ versions }, after, upTo)?.map(({ version }) => version);
  expect(between("1.0.0", "1.2.0")).toEqual(["1.2.0", "1.2.0-beta", "1.1.0"]);
  expect(between("2.0.0", "1.0.0")).toBeUndefined();
  expect(changelogBetween(undefined, "1.0.0", "2.0.0")).toBeUndefined();
  const long = "x".repeat(MAX_UPDATE_CHANGELOG - 1);
  const some = { versions: { "1.1.0": { changelog: "ab" }, "1.2.0": { changelog: long } } };
  expect(changelogBetween(some, "1.0.0", "1.2.0")).toEqual([{ version: "1.2.0", changelog: long }]);
});

test("only the newest versions have a changelog in an answer", () => {
  const numbers = Array.from({ length: MAX_CHANGELOGS + 1 }, (_, n) => [`1.${n}.0`, { changelog: "c" }]);
  const { versions } = publishedDetails({ versions: Object.fromEntries(numbers) });
  expect(versions.filter(({ changelog }) => changelog === "c")).toHaveLength(MAX_CHANGELOGS);
  expect(versions.at(-1)).toEqual({ version: "1.0.0" });
});

const offeredAndYanked = async (...versions: string[]) => {
  const world = await opened();
  const yanked = versions.map((version) => [version, { ...yank, sha256: hashOfText(version) }]);
  await world.publish({ plugins: { echo: { yanked: { ...Object.fromEntries(yanked), "0.9.0": yank } } } });
  return world;
};

test("a yanked version is never chosen by itself, although the index has it", async () => {
  const { catalog, installed, id } = await offeredAndYanked("1.1.0");
  expect((await catalog.resolve(id, "echo")).version.version).toBe("1.0.0");
  expect((await catalog.resolve(id, "echo", "1.1.0")).version.version).toBe("1.1.0");
  installed.set("echo", { version: "1.0.0", registry: id });
  expect(await catalog.updates()).toEqual([]);
  const { items } = await catalog.search({ page: 1, size: 5 });
  expect(items).toMatchObject([{ namespace: "echo", version: "1.0.0", update: null }]);
});

test("where all are yanked, the newest is found, so that the install says why it is none", async () => {
  const { catalog, id } = await offeredAndYanked("1.0.0", "1.1.0");
  const { version, registry } = await catalog.resolve(id, "echo");
  const subject = { registry, namespace: "echo", version: version.version, sha256: version.sha256 };
  expect(await catalog.yankOf(subject)).toMatchObject({ reason: yank.reason });
  expect(await catalog.yankOf({ ...subject, sha256: hashOfText("other") })).toBeUndefined();
  expect(await catalog.yankOf({ ...subject, registry: null })).toBeUndefined();
});

test("a yanked version that the index does not have says so, and since when", async () => {
  const { catalog, id, installed } = await opened();
  await expect(catalog.resolve(id, "echo", "0.9.0")).rejects.toMatchObject({
    code: "VERSION_WITHDRAWN",
    params: { at: "2026-02-02", reason: yank.reason },
  });
  for (const version of ["0.8.0", "constructor"])
    await expect(catalog.resolve(id, "echo", version)).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
  installed.set("echo", { version: "0.9.0", registry: id });
  expect(await catalog.withdrawn()).toMatchObject([{ installed: "0.9.0", yank }]);
});

test("a plugin whose versions are all gone keeps its yanks in the details", async () => {
  const { catalog, id, publish } = await opened();
  await publish({ plugins: { gone: { yanked: { "1.0.0": yank } } } });
  await expect(catalog.resolve(id, "gone", "1.0.0")).rejects.toMatchObject({ code: "VERSION_WITHDRAWN" });
  await expect(catalog.resolve(id, "gone")).rejects.toMatchObject({
    code: "PLUGIN_YANKED",
    params: { reason: yank.reason },
  });
});

test("a search finds plugins by what they ask for, as their keeper says", async () => {
  const world = await openWorld();
  const { id, folder } = await world.addLocal();
  const asked = {
    all: { net: ["example.org"], library: "write", files: "A folder." },
    computes: {},
    reads: { library: "read" },
    silent: undefined,
  } as const;
  const names = Object.keys(asked) as (keyof typeof asked)[];
  const plugins = names.map((namespace) => ({ ...echo, namespace }));
  const said = names.map((name) => [name, { versions: { "1.1.0": { permissions: asked[name] } } }] as const);
  await writeDetailed(folder, plugins, { plugins: Object.fromEntries(said) as never });
  await world.catalog.refresh(id);
  const found = async (asks?: AskedPermission) =>
    (await world.catalog.search({ asks, page: 1, size: 10 })).items.map(({ namespace }) => namespace);
  expect(await found()).toEqual(names);
  expect(await found("none")).toEqual(["computes"]);
  expect(await found("net")).toEqual(["all"]);
  expect(await found("library")).toEqual(["all", "reads"]);
  expect(await found("files")).toEqual(["all"]);
});
