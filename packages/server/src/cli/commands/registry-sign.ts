import path from "node:path";
import type { RegistryContent } from "../../keeper/registry-files.ts";
import type { VersionChange } from "../../keeper/versions.ts";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../failure.ts";
import { signalOf } from "../io.ts";
import { wholeNumber } from "../option-values.ts";
import type { Printer } from "../session.ts";
import { type SigningKeyOptions, signingKeyFrom, signingKeyOptions } from "../signing-key.ts";

export interface PublishedOptions {
  address?: string;
  /** False with --offline. */
  offline?: boolean;
}

export const publishedOptions = (command: CliCommand): unknown =>
  command
    .option("--address <address>", "where it is published; by default what keeper.json says")
    .option("--offline", "do not look at what is published");

/**
 * What owners see of a registry now. Undefined if nothing is published, or its folder has no address.
 * @throws HitagiError of the source, KeeperError
 */
export const readPublished = async (
  { io, say }: Pick<Printer, "io" | "say">,
  folder: string,
  { address, offline }: PublishedOptions,
): Promise<RegistryContent | undefined> => {
  const { readKeeperSettings } = await import("../../keeper/keeper-settings.ts");
  const place = address ?? (await readKeeperSettings(folder)).address;
  if (place === undefined || offline) return undefined;
  const [{ readPublishedRegistry }, { parseRegistryAddress }] = await Promise.all([
    import("../../app/published-registry.ts"),
    import("../registry-address.ts"),
  ]);
  const published = await readPublishedRegistry(
    path.isAbsolute(place) ? place : parseRegistryAddress(place, io.cwd),
    io.env,
    signalOf(io),
  ).catch((error: unknown) => {
    say(`Nothing is signed: what is published at ${place} is not known.`);
    throw error;
  });
  if (!published) say(`Nothing is published at ${place} yet.`);
  return published;
};

export interface HeadOptions {
  renew?: number;
  dryRun?: boolean;
}

export const headOptions = (command: CliCommand): unknown =>
  command
    .option("--renew <days>", "promise owners another head within these days", wholeNumber(1, 3650))
    .option("--dry-run", "say what would be done, and write nothing");

const DAY_MS = 86_400_000;

/**
 * The time of a head, and until when it promises another one.
 * @throws UsageError for a SOURCE_DATE_EPOCH that is no time (https://reproducible-builds.org/specs/source-date-epoch)
 */
export const timesOf = async (
  { env }: Pick<Printer["io"], "env">,
  { renew }: HeadOptions,
): Promise<{ time: string; renew?: string }> => {
  const { utcTime } = await import("../../clock.ts");
  const fixed = env.SOURCE_DATE_EPOCH;
  if (fixed !== undefined && !/^\d{1,11}$/.test(fixed))
    throw new UsageError("SOURCE_DATE_EPOCH is no number of seconds.", "Give seconds since 1970, or none.");
  const now = fixed === undefined ? Date.now() : Number(fixed) * 1000;
  return {
    time: utcTime(now / 1000),
    ...(renew !== undefined && { renew: utcTime((now + renew * DAY_MS) / 1000) }),
  };
};

const SIGNS: Readonly<Record<VersionChange["change"], string>> = {
  added: "+",
  yanked: "-",
  removed: "-",
  changed: "~",
  restored: "+",
};

/** A line for each version that changed. */
export const changeLines = (changes: readonly VersionChange[]): string[] =>
  changes.map(({ namespace, version, change }) => `  ${SIGNS[change]} ${namespace} ${version} (${change})`);

interface SignOptions extends SigningKeyOptions, PublishedOptions, HeadOptions {}

const sign = async (printer: Printer, place: string, options: SignOptions): Promise<void> => {
  const { io, print } = printer;
  const folder = path.resolve(io.cwd, place);
  const { checkOutside, planSigning, writeSigning } = await import("../../keeper/sign.ts");
  if (options.key !== undefined) await checkOutside(folder, path.resolve(io.cwd, options.key));
  const key = await signingKeyFrom(io, options);
  const published = await readPublished(printer, folder, options);
  const plan = await planSigning(folder, { key, published, ...(await timesOf(io, options)) });
  const { dryRun = false } = options;
  if (!dryRun) await writeSigning(folder, plan);
  const { keys, sequence, changes, detailsChanged, file } = plan;
  const signed = file !== undefined;
  const { origin, epoch } = keys;
  print({ origin, epoch, sequence, signed, dryRun, changes, detailsChanged }, () => {
    if (!signed) return `Nothing changed since head ${sequence} of ${origin}.`;
    return [
      `${dryRun ? "Would sign" : "Signed"} head ${sequence} of ${origin}, epoch ${epoch}.`,
      ...changeLines(changes),
      ...(changes.length === 0 && detailsChanged ? ["  registry.details.json changed"] : []),
      ...(dryRun ? [] : ["Publish registry.head after all other files."]),
    ];
  });
};

/** `hitagi registry sign`: the next head of a registry. */
export const registrySignCommand = (registry: CliCommand): void => {
  registry
    .local("sign <folder>", "Sign what a registry's folder holds, and say what changed. Needs no server.")
    .examples("hitagi registry sign ./my-registry --key ~/registry.key")
    .use(signingKeyOptions)
    .use(publishedOptions)
    .use(headOptions)
    .option("--json", "print the data as JSON")
    .runLocal(sign);
};
