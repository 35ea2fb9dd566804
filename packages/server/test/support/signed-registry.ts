import { createHash } from "node:crypto";
import type { RequestListener, ServerResponse } from "node:http";
import { MAX_PREVIOUS, type PreviousHead } from "@hitagi/trust";
import { verifyHead } from "../../../trust/src/index.ts";
import { fileOf, seedOf, type Wanted } from "../../../trust/test/fixture.ts";
import { createRegistryFiles } from "../../src/catalog/registry-files.ts";
import { createTrustDecisions } from "../../src/catalog/trust/trust-decisions.ts";
import { openWorld } from "../catalog/world.ts";
import { aroundFetch } from "./around-fetch.ts";
import { httpServer } from "./http-server.ts";

const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

/** The plugins of an index: the text of each version's file, by namespace and version. */
export type Offered = Record<string, Record<string, string>>;

/** The hash that an index has for a version whose file has this text. */
export const hashOfText = (text: string): string => sha256(text);

const indexOf = (offered: Offered): Buffer => {
  const plugins = Object.entries(offered).map(([namespace, versions]) => {
    const listed = Object.entries(versions).map(([version, text]) => [
      version,
      {
        ...{ version, name: namespace, author: "a", description: "d", sha256: sha256(text) },
        ...{ artifact: `${namespace}.ts`, published_at: "2026-01-02T03:04:05Z" },
      },
    ]);
    return [namespace, { namespace, type: "script", versions: Object.fromEntries(listed) }];
  });
  const generated_at = "2026-01-02T03:04:05Z";
  return Buffer.from(JSON.stringify({ version: 1, generated_at, plugins: Object.fromEntries(plugins) }));
};

/** What is yanked: the text of each version's file. */
const detailsOf = (yanked: Offered): Buffer => {
  const plugins = Object.entries(yanked).map(([namespace, versions]) => {
    const yanks = Object.entries(versions).map(([version, text]) => [
      version,
      { sha256: sha256(text), reason: "it does not work", at: "2026-02-02T03:04:05Z" },
    ]);
    return [namespace, { yanked: Object.fromEntries(yanks) }];
  });
  return Buffer.from(JSON.stringify({ version: 1, plugins: Object.fromEntries(plugins) }));
};

/** The files of one publication of a registry. */
export interface Publication {
  head: Buffer;
  index: Buffer;
  details?: Buffer | undefined;
  sequence: number;
  previous: PreviousHead[];
}

/** What a publication has, beside what its head says. */
export interface Published extends Wanted {
  offers?: Offered;
  yanked?: Offered;
  /** The publication that it follows. */
  after?: Publication;
}

/** Signs a publication by the keys of the fixture, or by those that are wanted. */
export const publication = ({
  offers = { echo: { "1.0.0": "one" } },
  yanked,
  after,
  ...wanted
}: Published = {}): Publication => {
  const index = indexOf(offers);
  const details = yanked && detailsOf(yanked);
  const before = after ? { sequence: after.sequence, sha256: verifyHead(after.head).sha256 } : undefined;
  const sequence = wanted.sequence ?? (after?.sequence ?? 0) + 1;
  const linked = before && before.sequence === sequence - 1 ? [before, ...(after?.previous ?? [])] : [];
  const previous = (wanted.previous ?? linked).slice(0, MAX_PREVIOUS) as PreviousHead[];
  const head = fileOf({
    index: sha256(index),
    ...(details && { details: sha256(details) }),
    ...wanted,
    ...{ sequence, previous },
  });
  return { head, index, details, sequence, previous };
};

/** What another keeper signs, with keys of its own, under the same origin. */
export const thief: Published = { recoveryOf: seedOf("thief"), signingSeeds: [seedOf("thief's")] };

/** Publications of which each follows the one before it. */
export const publications = (length: number): Publication[] =>
  Array.from({ length }).reduce<Publication[]>((all) => {
    const after = all.at(-1);
    return [...all, publication(after ? { after } : {})];
  }, []);

type Answer = (response: ServerResponse) => void;

/** A web registry whose files, and how they are answered, a test controls. */
export const serveSigned = async () => {
  let files: Record<string, Buffer | undefined> = {};
  const answers: Record<string, Answer | undefined> = {};
  const requested: string[] = [];
  const listener: RequestListener = (request, response) => {
    const name = (request.url ?? "").slice(1);
    requested.push(name);
    const answer = answers[name];
    if (answer) return void answer(response);
    const bytes = files[name];
    if (bytes) response.end(bytes);
    else response.writeHead(404).end();
  };
  const url = await httpServer(listener);
  return {
    url,
    requested,
    /** Shows a publication, or a part of it. */
    show: (shown: Partial<Publication>): void => {
      files = {
        "registry.head": shown.head,
        "registry.json": shown.index,
        "registry.details.json": shown.details,
      };
    },
    /** Answers requests for a file in another way; undefined ends that. */
    answer: (name: string, answer: Answer | undefined): void => {
      answers[name] = answer;
    },
  };
};

/** A catalog with a registry on a server that the test controls. */
export const openSigned = async (options: Parameters<typeof openWorld>[0] = {}) => {
  const world = await openWorld(options);
  const source = await serveSigned();
  const add = async (url = source.url) =>
    (await world.registries.create({ name: "r", provider: "cdn", url })).id;
  const id = await add();
  const refresh = (registry = id) => world.catalog.refresh(registry);
  /** The versions of `echo` that the catalog offers, or the code of why it offers none. */
  const offered = async (registry = id): Promise<string[]> => {
    const entry = await world.store.catalog.entry(registry, "echo");
    return Object.keys(entry?.versions ?? {});
  };
  const accepted = async () => {
    const pin = await world.store.trust.pin(id);
    return pin && world.store.trust.get(pin.fingerprint);
  };
  return { ...world, source, add, id, refresh, offered, accepted };
};

/** Where a keeper says that a registry is now: heads name https addresses only. */
export const NEW_ADDRESS = "https://new.example.org/plugins";

/** The same with another server that stands at {@link NEW_ADDRESS}, and what the owner decides of the move. */
export const openMoved = async () => {
  const there = await serveSigned();
  /** The servers that stand at https addresses of no certificate. */
  const places = new Map([[NEW_ADDRESS, there.url]]);
  /** The addresses that a credential was sent to. */
  const credited: (string | undefined)[] = [];
  const around = aroundFetch((fetch) => (registry, file, { credential, ...limits }) => {
    if (credential) credited.push(registry.url);
    const url = places.get(registry.url ?? "");
    return fetch(url === undefined ? registry : { ...registry, url }, file, limits);
  });
  const world = await openSigned({ around });
  const { store, http, sources, clock, id } = world;
  const timeoutMs = 150_000;
  const files = createRegistryFiles({ store, sources, timeoutMs });
  const decisions = createTrustDecisions({ store, http, files, timeoutMs, now: () => clock.now });
  const follow = async () => {
    const place = { provider: "cdn", url: NEW_ADDRESS } as const;
    await decisions.checkMove(id, NEW_ADDRESS, place);
    await world.registries.update(id, place);
    await world.refresh();
  };
  return { ...world, there, places, credited, decisions, follow };
};
