import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Client, Namespace } from "@hitagi/contract";
import type { RecoverPlan } from "../../keeper/recover.ts";
import type { Versions } from "../../keeper/versions.ts";
import type { CliCommand } from "../command.ts";
import { inDialogue } from "../dialogue.ts";
import { UsageError } from "../failure.ts";
import { type Io, isInteractive } from "../io.ts";
import { wholeNumber } from "../option-values.ts";
import { openSession, type Printer, type SessionOptions } from "../session.ts";
import { givenPassphrase, passphraseOption } from "../signing-key.ts";
import { checkNew, writeSecret } from "./registry-keygen.ts";
import {
  changeLines,
  type HeadOptions,
  headOptions,
  type PublishedOptions,
  publishedOptions,
  readPublished,
  timesOf,
} from "./registry-sign.ts";

interface RecoverOptions extends PublishedOptions, HeadOptions, SessionOptions {
  askServer?: boolean;
  recovery?: string;
  out: string;
  origin?: string;
  epoch?: number;
  /** False with --no-moved-to. */
  movedTo?: string | false;
  passphraseFile?: string;
}

const recoveryText = async (io: Io, file: string | undefined): Promise<string> => {
  if (file !== undefined) return readFile(path.resolve(io.cwd, file), "utf8");
  if (isInteractive(io)) return inDialogue(io, ({ ask }) => ask("The 24 words of the recovery key:"));
  throw new UsageError("The recovery key is missing.", "Name the file of its words with --recovery.");
};

/** Plugins of an owner's server in one answer. */
const PAGE_SIZE = 200;

/** The versions that an owner's server has seen of a registry. */
const seenVersions = async (client: Client, id: string): Promise<Versions> => {
  const { versionsIn } = await import("../../keeper/versions.ts");
  const namespaces: Namespace[] = [];
  for (let page = 1; ; page++) {
    const found = await client.listOffered({ params: { id }, query: { page, size: PAGE_SIZE } });
    namespaces.push(...found.items.map(({ namespace }) => namespace));
    if (page * PAGE_SIZE >= found.total) break;
  }
  const known = [];
  for (const namespace of namespaces) {
    const { offers } = await client.getAvailable({ params: { namespace } });
    const { versions = [], details } = offers.find(({ registry }) => registry === id) ?? {};
    const yanked = details?.yanked ?? [];
    known.push(
      ...versions.map(({ version, sha256 }) => ({ namespace, version, sha256, yanked: false })),
      ...yanked.map(({ version, sha256 }) => ({ namespace, version, sha256, yanked: true })),
    );
  }
  return versionsIn(known);
};

/** What an owner's server has accepted of a registry: its highest epoch, and the versions; nothing if it does not have it. */
const acceptedBy = async (
  io: Io,
  options: SessionOptions,
  recovery: Buffer,
): Promise<{ epoch?: number; seen?: Versions }> => {
  const [{ fingerprintOf }, { recoveryKey }] = await Promise.all([
    import("@hitagi/trust"),
    import("../../keeper/new-keys.ts"),
  ]);
  const { client } = await openSession(io, options);
  const { registries } = await client.listRegistries({});
  const found = registries.flatMap(({ id, trust }) => {
    if (trust?.origin === undefined || trust.epoch === undefined) return [];
    const { hex } = fingerprintOf(recoveryKey(trust.origin, recovery));
    return hex === trust.fingerprint ? [{ id, epoch: trust.epoch }] : [];
  });
  if (found.length === 0) return {};
  const seen = await Promise.all(found.map(({ id }) => seenVersions(client, id)));
  return {
    epoch: Math.max(...found.map(({ epoch }) => epoch)),
    seen: new Map(seen.flatMap((versions) => [...versions])),
  };
};

/** What the keeper does next, for owners who have other files than the keeper's. */
const replacedLines = (replaced: RecoverPlan["replaced"]): string[] =>
  replaced.length === 0
    ? []
    : [
        "Owners may have files of these plugins that you did not publish. Publish a new version of each, which an upgrade brings them:",
        ...replaced.map(
          ({ namespace, next }) => `  ${namespace} ${next ?? "(any number that was never published)"}`,
        ),
        "No number of a version that ended is published again.",
      ];

const recover = async (printer: Printer, place: string, options: RecoverOptions): Promise<void> => {
  const { io, print } = printer;
  const folder = path.resolve(io.cwd, place);
  const [{ planRecovery }, { checkOutside, writeSigning }, { readRecovery, writeKeyFile }] =
    await Promise.all([
      import("../../keeper/recover.ts"),
      import("../../keeper/sign.ts"),
      import("../../keeper/key-file.ts"),
    ]);
  await checkNew(io, options.out);
  for (const file of [options.out, options.recovery])
    if (file !== undefined) await checkOutside(folder, path.resolve(io.cwd, file));
  const recovery = readRecovery(await recoveryText(io, options.recovery));
  const published = await readPublished(printer, folder, options);
  const { origin, movedTo, dryRun = false } = options;
  const asked = options.askServer ? await acceptedBy(io, options, recovery) : {};
  const epoch = Math.max(options.epoch ?? 0, asked.epoch ?? 0) || undefined;
  const plan = await planRecovery(folder, {
    ...{ recovery, published, origin, epoch, seen: asked.seen },
    movedTo: movedTo === false ? null : movedTo,
    ...(await timesOf(io, options)),
  });
  if (!dryRun) {
    // The key first: a head whose key is lost would need yet another epoch.
    await writeSecret(io, options.out, writeKeyFile(plan.key, await givenPassphrase(io, options)));
    await writeSigning(folder, plan);
  }
  const { keys, sequence, changes, replaced } = plan;
  const { origin: name } = keys;
  print({ origin: name, epoch: keys.epoch, sequence, dryRun, changes, replaced, key: options.out }, () => [
    `${dryRun ? "Would begin" : "Began"} epoch ${keys.epoch} of ${name}, which ends all before it.`,
    ...changeLines(changes),
    ...replacedLines(replaced),
    ...(dryRun
      ? []
      : [
          `The new signing key is in ${options.out}.`,
          "Publish the folder, registry.head last, and delete the old key.",
          "A block list that the old key signed needs a new file and its owners the new key: `hitagi registry sign-blocks ENTRIES --key KEY --out NEW-FILE`.",
        ]),
  ]);
};

/** `hitagi registry recover`: the next epoch of a registry. */
export const registryRecoverCommand = (registry: CliCommand): void => {
  registry
    .remote(
      "recover <folder>",
      "Begin a new epoch with the recovery key: after a lost or stolen key, a fork or a move. Needs no server.",
    )
    .examples(
      "hitagi registry recover ./my-registry --out ~/new.key --dry-run",
      "hitagi registry recover ./my-registry --recovery ./paper --out ~/new.key",
    )
    .option("--recovery <file>", "file with the 24 words; a terminal asks for them")
    .requiredOption("--out <file>", "new file for the new signing key, outside of the registry's folder")
    .option("--origin <name>", "the registry's name, if no head says it")
    .option("--epoch <number>", "the highest epoch that owners have, if no head says it", wholeNumber(1))
    .option("--moved-to <address>", "https address where the registry is from now on")
    .option("--no-moved-to", "say no longer that it moved")
    .use(passphraseOption)
    .use(publishedOptions)
    .use(headOptions)
    .option(
      "--ask-server",
      "ask an owner's server, see --server, for the highest epoch and the versions that it accepted",
    )
    .runLocal(recover);
};
