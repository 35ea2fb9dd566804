import { ApiError, type InstalledPlugin, type OfferedDetail, type Setting } from "@hitagi/contract";
import type { Command } from "commander";
import type { Io } from "../io.ts";
import { leaf } from "../leaf.ts";
import { permissionText } from "../permission-text.ts";
import { registryNames } from "../registry-choice.ts";
import { type Session, withSession } from "../session.ts";
import { record, table } from "../table.ts";
import { settingsTable } from "./settings.ts";

interface Known {
  installed: InstalledPlugin | null;
  settings: Setting[];
  offers: OfferedDetail[];
}

const orNotFound = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((e: unknown) => {
    if (e instanceof ApiError && e.status === 404) return undefined;
    throw e;
  });

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
    ["Asks to", permissionText(p.manifest.permissions ?? {})],
    ["May", permissionText(p.granted)],
    ["State", [p.health.state, p.health.reason].filter(Boolean).join(": ")],
    ["SHA-256", p.sha256],
  ]);

const offersText = (io: Io, offers: OfferedDetail[], nameOf: (id: string) => string | null): string =>
  table(
    io,
    ["OFFERED BY", "VERSION", "PUBLISHED", "DESCRIPTION"],
    offers.flatMap((o) =>
      o.versions.map((v) => [nameOf(o.registry), v.version, v.published_at.slice(0, 10), v.description]),
    ),
  );

const info = async (session: Session, namespace: string): Promise<void> => {
  const { client, io } = session;
  const params = { namespace };
  const offered = client.getAvailable({ params: { namespace: namespace.toLowerCase() } });
  const [installed, offers] = await Promise.all([
    orNotFound(client.getInstalled({ params })),
    // Where it is neither installed nor offered, the server's words for that are the answer.
    offered.catch(async (e: unknown) => {
      if (await orNotFound(client.getInstalled({ params }))) return undefined;
      throw e;
    }),
  ]);
  const settings = installed ? (await client.getSettings({ params })).settings : [];
  const known: Known = { installed: installed?.plugin ?? null, settings, offers: offers?.offers ?? [] };
  const nameOf = await registryNames(client);
  session.print(known, () =>
    [
      known.installed && installedText(known.installed, nameOf(known.installed.registry)),
      settings.length > 0 && settingsTable(io, settings),
      known.offers.length > 0 && offersText(io, known.offers, nameOf),
    ]
      .filter((part) => typeof part === "string")
      .join("\n\n"),
  );
};

/** `hitagi info`: everything that is known of one plugin. */
export const infoCommand = (program: Command, io: Io): void => {
  leaf(
    program,
    "info <namespace>",
    "Show a plugin: what it may do, its settings, and who offers which version.",
    "hitagi info comic-info",
  ).action(withSession(io, info));
};
