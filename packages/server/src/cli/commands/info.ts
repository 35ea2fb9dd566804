import {
  ApiError,
  type Confinement,
  type InstalledPlugin,
  type InstallPlan,
  type OfferedDetail,
  type Setting,
  toNamespace,
} from "@hitagi/contract";
import type { Command } from "commander";
import { serverCommand } from "../define-command.ts";
import type { Io } from "../io.ts";
import { permissionText } from "../permission-text.ts";
import { registryNames } from "../registry-choice.ts";
import { type Session, withSession } from "../session.ts";
import { record, table } from "../table.ts";
import { timeText } from "../time.ts";
import { settingsTable } from "./settings.ts";

interface Known {
  installed: InstalledPlugin | null;
  settings: Setting[];
  offers: OfferedDetail[];
  /** The plan of an install, for a plugin that is not installed. */
  plan: InstallPlan | null;
}

const orNotFound = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((e: unknown) => {
    if (e instanceof ApiError && e.status === 404) return undefined;
    throw e;
  });

/** How a plugin is confined. */
const confinementText = ({ files, network, reason }: Confinement): string =>
  [`files ${files}`, `network ${network}`, ...(reason === undefined ? [] : [reason])].join("; ");

const installedText = (p: InstalledPlugin, registry: string | null): string =>
  record([
    ["Namespace", p.namespace],
    ["Name", p.name],
    ["Description", p.manifest.description],
    ["Author", p.manifest.author],
    ["Type", p.type],
    ["Version", p.version],
    ["Origin", p.origin],
    ["Registry", registry],
    ["Asks for", permissionText(p.manifest.permissions ?? {})],
    ["Granted", permissionText(p.granted, p.confinement)],
    ["Confined", confinementText(p.confinement)],
    ["State", [p.health.state, p.health.reason].filter(Boolean).join(": ")],
    ["SHA-256", p.sha256],
  ]);

/** Describes an offer, for a plugin that is not installed. */
const offeredText = ({ namespace, type, versions }: OfferedDetail, plan: InstallPlan | null): string => {
  const shown = versions.find((v) => v.version === plan?.version) ?? versions[0];
  return record([
    ["Namespace", namespace],
    ["Name", shown?.name],
    ["Description", shown?.description],
    ["Author", shown?.author],
    ["Type", type],
    ["Version", shown?.version],
    ["Installed", "no"],
    [
      "Asks for",
      plan?.permissions
        ? permissionText(plan.permissions.asks, plan.confinement)
        : "unknown until it is fetched",
    ],
  ]);
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

const offersText = (io: Io, offers: OfferedDetail[], nameOf: (id: string) => string | null): string =>
  table(
    io,
    ["OFFERED BY", "VERSION", "PUBLISHED", "DESCRIPTION"],
    offers.flatMap((o) =>
      o.versions.map((v) => [nameOf(o.registry), v.version, v.published_at.slice(0, 10), v.description]),
    ),
  );

const network = async (session: Session, namespace: string): Promise<void> => {
  const { requests } = await session.client.getNetworkLog({ params: { namespace } });
  const rows = requests.map((r) => [timeText(r.at / 1000), r.method, r.outcome, r.bytes, r.url]);
  session.print(requests, () =>
    rows.length > 0
      ? table(session.io, ["TIME (UTC)", "METHOD", "OUTCOME", "BYTES", "ADDRESS"], rows)
      : `${namespace} has made no request since the server started.`,
  );
};

const info = async (session: Session, namespace: string, options: { network?: boolean }): Promise<void> => {
  if (options.network) return network(session, namespace);
  const { client, io } = session;
  const params = { namespace };
  const offered = client.getAvailable({ params: { namespace: toNamespace(namespace) } });
  const [installed, offers] = await Promise.all([
    orNotFound(client.getInstalled({ params })),
    // If the plugin is neither installed nor offered, the server's error is the answer.
    offered.catch(async (e: unknown) => {
      if (await orNotFound(client.getInstalled({ params }))) return undefined;
      throw e;
    }),
  ]);
  const settings = installed ? (await client.getSettings({ params })).settings : [];
  const found = offers?.offers ?? [];
  const plan = installed ? null : await planOf(session, found);
  const known: Known = { installed: installed?.plugin ?? null, settings, offers: found, plan };
  const offer = found.find(({ registry }) => registry === plan?.registry) ?? found[0];
  const nameOf = await registryNames(client);
  session.print(known, () =>
    [
      known.installed && installedText(known.installed, nameOf(known.installed.registry)),
      !known.installed && offer && offeredText(offer, plan),
      settings.length > 0 && settingsTable(io, settings),
      known.offers.length > 0 && offersText(io, known.offers, nameOf),
    ]
      .filter((part) => typeof part === "string")
      .join("\n\n"),
  );
};

/** `hitagi info`: all information about one plugin. */
export const infoCommand = (program: Command, io: Io): void => {
  serverCommand(
    program,
    "info <namespace>",
    "Show a plugin: its permissions, its settings, and the versions that registries offer.",
    "hitagi info comic-info",
    "hitagi info site-tags --network",
  )
    .option("--network", "show its requests, newest first")
    .action(withSession(io, info));
};
