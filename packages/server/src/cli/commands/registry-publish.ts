import path from "node:path";
import type { KeeperSettings } from "../../keeper/keeper-settings.ts";
import type { RegistryContent } from "../../keeper/registry-files.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { wholeNumber } from "../option-values.ts";
import type { Printer } from "../session.ts";
import {
  type BuildOptions,
  buildData,
  buildLines,
  buildOptions,
  noteLoose,
  type PlannedBuild,
  planFolder,
  writeBuild,
} from "./registry-build.ts";
import { type FirstOptions, firstOptions, makeFirst } from "./registry-first.ts";
import { pushedTo, readBack } from "./registry-read-back.ts";
import { faultTable } from "./registry-refresh.ts";

interface PublishOptions extends BuildOptions, FirstOptions {
  to?: string;
  /** False with --no-wait. */
  wait: boolean;
  timeout: number;
  message?: string;
}

/** @throws CommandFailed if an install would refuse a file of the registry */
const checkFolder = async (
  { io, json, print }: Printer,
  folder: string,
  { index }: RegistryContent,
): Promise<void> => {
  const [{ checkRegistryFiles }, { offeredFiles }] = await Promise.all([
    import("../../app/check-registry.ts"),
    import("../../install/offered-files.ts"),
  ]);
  const { issues } = await checkRegistryFiles(folder, offeredFiles(index, []), io.env, io.signal);
  if (issues.length === 0) return;
  if (!json) print(issues, (rows) => faultTable(io, rows));
  const [first] = issues;
  throw new CommandFailed(
    `Nothing was published: ${issues.length === 1 ? "an install" : `${issues.length} times an install`} would refuse a file. ${first?.path} ${first?.reason}`,
    "Correct it, or withdraw the version with `hitagi registry yank`.",
  );
};

/** @throws CommandFailed if the folder is one of plugin files, of which nothing would be published */
const checkPlugins = async (folder: string, place: string, { index }: PlannedBuild): Promise<void> => {
  if (Object.keys(index.plugins).length > 0) return;
  const { findLooseFiles } = await import("../../keeper/build/plugin-files.ts");
  const loose = await findLooseFiles(folder);
  if (loose.length === 0) return;
  throw new CommandFailed(
    `Nothing was published: a registry has its plugins in the folder plugins, and ${loose.join(", ")} ${loose.length === 1 ? "is" : "are"} beside it.`,
    `Make a registry of them with \`hitagi registry init NEW-FOLDER --from ${place}\`, and publish that.`,
  );
};

/** @throws CommandFailed if a signed registry has changed and there is no key to sign it again */
const checkKey = async (folder: string, { files, signing }: PlannedBuild): Promise<void> => {
  if (signing || files.length === 0) return;
  const [{ HEAD_FILE }, { exists }] = await Promise.all([
    import("../../keeper/registry-files.ts"),
    import("../../disk/files.ts"),
  ]);
  if (!(await exists(path.join(folder, HEAD_FILE)))) return;
  throw new CommandFailed(
    "This registry is signed, and there is no key to sign what changed.",
    "Give --key FILE or HITAGI_SIGNING_KEY. Nothing was written.",
    "INDEX_MISMATCH",
  );
};

/** @throws KeeperError if a signed registry would lose its signature, or have one of other files */
const checkSigned = async (folder: string, content: RegistryContent): Promise<void> => {
  if (!content.head) {
    const { checkHeadThere, readSignedVersions } = await import("../../keeper/signed-versions.ts");
    return checkHeadThere(content.head, await readSignedVersions(folder));
  }
  const { verifyRegistry } = await import("../../keeper/verify.ts");
  verifyRegistry(content);
};

/** Writes the page for people and the badge into the folder. */
const writePage = async (
  folder: string,
  content: RegistryContent,
  address: string | undefined,
): Promise<void> => {
  const [{ pageOf }, { PAGE_FILE }, { BADGE_FILE, badgeOf }, { writeRegistryFiles }] = await Promise.all([
    import("../../keeper/publish/catalog-page.ts"),
    import("../../keeper/publish/published-files.ts"),
    import("../../keeper/publish/badge.ts"),
    import("../../keeper/write-files.ts"),
  ]);
  await writeRegistryFiles(folder, [
    { file: PAGE_FILE, content: pageOf(content, address) },
    { file: BADGE_FILE, content: badgeOf(content.index) },
  ]);
};

const messageOf = ({ changes }: PlannedBuild): string => {
  const names = changes
    .slice(0, 3)
    .map(({ namespace, version, change }) => `${change === "yanked" ? "yank " : ""}${namespace} ${version}`);
  if (names.length === 0) return "Publish the registry";
  return `Publish ${names.join(", ")}${changes.length > names.length ? ` and ${changes.length - names.length} more` : ""}`;
};

const upload = async (
  { io }: Printer,
  folder: string,
  to: string,
  message: string,
  content: RegistryContent,
): Promise<string> => {
  if (to === "git") {
    const { publishByGit } = await import("../../keeper/publish/to-git.ts");
    return `Pushed commit ${(await publishByGit(folder, message)).slice(0, 12)}.`;
  }
  if (to.startsWith("s3://")) {
    const { publishToBucketAt } = await import("../../app/bucket-of-registry.ts");
    return copied(await publishToBucketAt(to, folder, content.index, io.env), to);
  }
  const { isFolderPlace } = await import("../../keeper/keeper-settings.ts");
  if (!isFolderPlace(to))
    throw new UsageError(
      "A registry is published with git, to a folder, or to a bucket of S3.",
      "Give --to git, --to s3://bucket/prefix, or --to a folder that your web server serves. Upload to other places with their own tool, registry.head last.",
    );
  const { publishToFolder } = await import("../../keeper/publish/to-folder.ts");
  return copied(await publishToFolder(folder, path.resolve(io.cwd, to), content.index), to);
};

const copied = (files: readonly string[], to: string): string =>
  files.length === 0
    ? `${to} has all files already.`
    : `Copied ${files.length === 1 ? "1 file" : `${files.length} files`} to ${to}.`;

/** Where a folder is published to and read from. @throws UsageError */
const placesOf = (
  settings: KeeperSettings,
  { to, address }: PublishOptions,
): { to: string; address: string | undefined } => {
  const target = to ?? settings.publish;
  if (target !== undefined) return { to: target, address: address ?? settings.address };
  throw new UsageError(
    "It is not known where to publish to.",
    "Give --to git, --to s3://bucket or --to <folder>, or write `publish` into keeper.json.",
  );
};

const publish = async (printer: Printer, place: string, given: PublishOptions): Promise<void> => {
  const { io, print, say } = printer;
  const folder = path.resolve(io.cwd, place);
  const [{ readKeeperSettings }, { checkNoKeys }, { readRegistryFolder }] = await Promise.all([
    import("../../keeper/keeper-settings.ts"),
    import("../../keeper/sign.ts"),
    import("../../keeper/registry-files.ts"),
  ]);
  // Before anything is made: keys of a registry that is not published are of no use.
  const { to: target } = placesOf(await readKeeperSettings(folder), given);
  const key = await makeFirst(printer, place, folder, { ...given, to: target });
  const options = key === undefined ? given : { ...given, key };
  const settings = await readKeeperSettings(folder);
  const { to, address } = placesOf(settings, options);
  await checkNoKeys(folder);
  const planned = await planFolder(printer, folder, options);
  await checkPlugins(folder, place, planned);
  const { dryRun = false } = options;
  if (dryRun) {
    print({ ...buildData(planned, true), to, address: address ?? null }, () => [
      ...buildLines(planned, true),
      `Would publish to ${to}.`,
    ]);
    return;
  }
  await checkKey(folder, planned);
  await writeBuild(folder, planned);
  const content = await readRegistryFolder(folder);
  await checkSigned(folder, content);
  await checkFolder(printer, folder, content);
  if (settings.page) await writePage(folder, content, address);
  say(buildLines(planned, false));
  await noteLoose(printer, place, folder);
  say(await upload(printer, folder, to, options.message ?? messageOf(planned), content));
  const found =
    address !== undefined && options.wait
      ? await readBack(printer, address, content, planned.changes, {
          timeoutMs: options.timeout * 1000,
          pushed: await pushedTo(folder, to),
        })
      : undefined;
  print(
    { ...buildData(planned, false), to, address: address ?? null, verified: found?.verified ?? false },
    () =>
      found?.text ??
      (address === undefined
        ? "Name its address in keeper.json, and `publish` reads it back as owners do."
        : `${address} was not read back. Look at it with \`hitagi registry test ${address}\`.`),
  );
};

/** `hitagi registry publish`: builds, checks, signs and uploads a registry, and reads it back. */
export const registryPublishCommand = (registry: CliCommand): void => {
  registry
    .local(
      "publish <folder>",
      "Build, check and sign a registry, put it where owners reach it, the head last, and read it back. Needs no server.",
    )
    .examples(
      "hitagi registry publish ./my-registry --to git --key ~/registry.key",
      "hitagi registry publish ./my-registry --to /srv/www/plugins",
      "hitagi registry publish ./mine --from ./drafts --new-key ~/r.key --to ./web",
    )
    .option(
      "--to <place>",
      "`git`, `s3://bucket/prefix`, or a folder that a web server serves; by default what keeper.json says",
    )
    .option("--message <text>", "the message of the commit")
    .option("--timeout <seconds>", "how long to wait for caches", wholeNumber(1, 86_400), 600)
    .option("--no-wait", "do not read the address back")
    .use(firstOptions)
    .use(buildOptions)
    .option("--json", "print the data as JSON")
    .runLocal(publish);
};
