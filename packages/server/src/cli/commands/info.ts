import {
  ApiError,
  type Confinement,
  describeWithdrawn,
  type InstalledPlugin,
  type InstallPlan,
  type OfferedDetail,
  type Output,
  type PublishedDetails,
  quoteText,
  toNamespace,
  type Withdrawn,
} from "@hitagi/contract";
import { timeText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { permissionTexts, registryText } from "../format.ts";
import type { Io } from "../io.ts";
import type { Lines } from "../safe-text.ts";
import type { Session } from "../session.ts";
import { type Columns, record, table } from "../table.ts";
import { choicesText } from "./hold.ts";
import { changelogLines, detailCells, quotedLines, yankText } from "./info-details.ts";
import { settingColumns } from "./settings.ts";

const orNotFound = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((e: unknown) => {
    if (e instanceof ApiError && e.status === 404) return undefined;
    throw e;
  });

const permissionText = (...permissions: Parameters<typeof permissionTexts>): string =>
  permissionTexts(...permissions).join(", ") || "none";

/** How a plugin is confined. */
const confinementText = ({ files, network, walls, reason }: Confinement): string =>
  [
    `files ${files}`,
    `network ${network}`,
    ...(walls === undefined ? [] : [`by ${walls.join(", ")}`]),
    ...(reason === undefined ? [] : [reason]),
  ].join("; ");

/** The most seconds that the server waits between two calls. */
const MAX_COOLDOWN = 3600;

const cooldownText = ({ cooldown = 0 }: InstalledPlugin["manifest"]): string | null => {
  if (cooldown === 0) return null;
  const given = Math.min(cooldown, MAX_COOLDOWN);
  return cooldown > given ? `${given} s (it asks for ${cooldown} s; an hour is the most)` : `${given} s`;
};

const withdrawnText = (withdrawn: Withdrawn): string => {
  const { text, hint } = describeWithdrawn(withdrawn);
  return `${text}. ${hint}`;
};

const stateText = ({ state, reason }: InstalledPlugin["health"]): string =>
  reason ? `${state}: ${quoteText(reason)}` : state;

/** The reason of a plugin that was set aside has words of its keeper or of a block list. */
const trustText = ({ trust: { state, reason }, health }: InstalledPlugin): string =>
  `${state}: ${health.cause === undefined ? reason : quoteText(reason)}`;

const installedText = (
  p: InstalledPlugin,
  details: PublishedDetails | undefined,
  withdrawn: Withdrawn | null,
): Lines => {
  const yanked = yankText(details, p.version);
  return record({
    Namespace: p.namespace,
    Name: p.name,
    Description: p.manifest.description,
    Author: p.manifest.author,
    Type: p.type,
    Version: p.version,
    Origin: p.origin,
    Registry: registryText(p),
    "Asks for": permissionText(p.manifest.permissions ?? {}),
    Granted: permissionText(p.granted, p.confinement),
    ...(p.manifest.uses && { Uses: p.manifest.uses.join(", ") }),
    Confined: confinementText(p.confinement),
    Cooldown: cooldownText(p.manifest),
    Trust: trustText(p),
    State: stateText(p.health),
    ...(p.updates && { Updates: choicesText(p.updates) }),
    ...(withdrawn && { Offered: withdrawnText(withdrawn) }),
    ...(yanked && { Yanked: yanked }),
    ...detailCells(details),
    "SHA-256": p.sha256,
  });
};

/** Describes an offer, for a plugin that is not installed. */
const offeredText = (
  { namespace, type, versions, details }: OfferedDetail,
  plan: InstallPlan | null,
): Lines => {
  const shown = versions.find((v) => v.version === plan?.version) ?? versions[0];
  return record({
    Namespace: namespace,
    Name: shown?.name,
    Description: shown?.description,
    Author: shown?.author,
    Type: type,
    Version: shown?.version,
    Installed: "no",
    "Asks for": plan?.permissions
      ? permissionText(plan.permissions.asks, plan.confinement)
      : "unknown until it is fetched",
    ...detailCells(details),
  });
};

/** The plan of an install from the default registry, or the first that offers it; null if the file cannot be fetched. */
const planOf = async ({ client }: Session, offers: OfferedDetail[]): Promise<InstallPlan | null> => {
  const fallback = (await client.getDefaultRegistry({})).id;
  const offer = offers.find(({ registry }) => registry === fallback) ?? offers[0];
  if (offer === undefined) return null;
  const body = { namespace: offer.namespace, registry: offer.registry };
  return client.previewInstall({ body }).then(
    ({ plan }) => plan,
    (e: unknown) => {
      if (e instanceof ApiError) return null;
      throw e;
    },
  );
};

const offersText = (io: Io, offers: OfferedDetail[]): Lines => {
  const versions = offers.flatMap((o) => o.versions.map((v) => ({ ...v, registryName: o.registryName })));
  const columns: Columns<(typeof versions)[number]> = {
    "OFFERED BY": "registryName",
    VERSION: "version",
    PUBLISHED: (v) => v.published_at.slice(0, 10),
    DESCRIPTION: "description",
  };
  return table(io, columns, versions);
};

const yankColumns: Columns<PublishedDetails["yanked"][number]> = {
  YANKED: "version",
  ON: ({ at }) => at.slice(0, 10),
  DANGEROUS: ({ dangerous }) => dangerous ?? false,
  REASON: "reason",
};

const requestColumns: Columns<Output<"getNetworkLog">["requests"][number]> = {
  TIME: (r) => timeText(r.at / 1000),
  METHOD: "method",
  OUTCOME: "outcome",
  BYTES: "bytes",
  ADDRESS: "url",
};

const network = async (session: Session, namespace: string): Promise<void> => {
  const { requests } = await session.client.getNetworkLog({ params: { namespace } });
  const empty = `${namespace} has made no request since the server started.`;
  session.printTable(requests, requestColumns, empty);
};

/** The installed plugin and the offers of registries. @throws ApiError if there is neither */
const findPlugin = async ({ client }: Session, namespace: string) => {
  const getInstalled = () => orNotFound(client.getInstalled({ params: { namespace } }));
  const [installed, available] = await Promise.all([
    getInstalled(),
    client.getAvailable({ params: { namespace: toNamespace(namespace) } }).catch(async (e: unknown) => {
      if (await getInstalled()) return undefined;
      throw e;
    }),
  ]);
  return {
    installed: installed?.plugin ?? null,
    details: installed?.details,
    offers: available?.offers ?? [],
  };
};

const readme = async (session: Session, namespace: string): Promise<void> => {
  const { details, offers } = await findPlugin(session, namespace);
  const text = (details ?? offers.find((offer) => offer.details)?.details)?.readme ?? null;
  session.print({ readme: text }, () =>
    text === null ? `No registry has a readme of ${namespace}.` : quotedLines(text),
  );
};

interface InfoOptions {
  network?: boolean;
  readme?: boolean;
}

const info = async (session: Session, namespace: string, options: InfoOptions): Promise<void> => {
  if (options.network) return network(session, namespace);
  if (options.readme) return readme(session, namespace);
  const { client, io } = session;
  const { installed, details = null, offers } = await findPlugin(session, namespace);
  const settings = installed ? (await client.getSettings({ params: { namespace } })).settings : [];
  const plan = installed ? null : await planOf(session, offers);
  const offer = offers.find(({ registry }) => registry === plan?.registry) ?? offers[0];
  const updates = installed ? await client.listUpdates({}) : { withdrawn: [], updates: [] };
  const isInstalled = (one: { namespace: string }) => one.namespace === installed?.namespace;
  const withdrawn = updates.withdrawn.find(isInstalled) ?? null;
  const { changelog } = updates.updates.find(isInstalled) ?? {};
  const { yanked = [] } = details ?? offer?.details ?? {};
  const parts = [
    installed && installedText(installed, details ?? undefined, withdrawn),
    !installed && offer && offeredText(offer, plan),
    settings.length > 0 && table(io, settingColumns, settings),
    offers.length > 0 && offersText(io, offers),
    yanked.length > 0 && table(io, yankColumns, yanked),
    changelog && ["What an upgrade brings:", ...changelogLines(namespace, changelog)],
  ].filter((part) => part !== null && part !== undefined && part !== false);
  session.print({ installed, details, settings, offers, plan, withdrawn }, () =>
    parts.flatMap((part, n) => (n === 0 ? [part] : ["", part])),
  );
};

/** `hitagi info`: all information about one plugin. */
export const infoCommand = (program: CliCommand): void => {
  program
    .remote(
      "info <namespace>",
      "Show a plugin: its permissions, its settings, and the versions that registries offer.",
    )
    .examples("hitagi info comic-info", "hitagi info site-tags --network")
    .option("--network", "show its requests, newest first")
    .option("--readme", "show its readme")
    .runRemote(info);
};
