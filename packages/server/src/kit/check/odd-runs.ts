import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { archiveBytes } from "@hitagi/sdk/testing";
import type { NetworkOfRun } from "../network/recorded-network.ts";
import { createRecording, type Recording } from "../network/recording.ts";
import type { Sandbox } from "../sandbox.ts";
import type { LoadedPlugin, PluginCall, RunReport } from "../types.ts";
import { type RecordedRun, recordedRuns } from "./recorded-runs.ts";

/** A run under conditions that a plugin meets at its owners, or one that its author recorded. */
export interface OddRun {
  /** What it runs on, for a sentence: `on an empty archive`. */
  on: string;
  kind: "archive" | "network" | "recorded";
  /** Whether it may lack an argument: its author recorded answers, and not what they are for. */
  isGuessed?: boolean;
  report: RunReport;
}

/** A run that takes longer is a finding. */
const LIMIT_MS = 15_000;
const SLOW_MS = 700;
const SLOW_ANSWERS = 3;

const pages = (count: number): string[] => Array.from({ length: count }, (_, i) => `pages/${i + 1}.jpg`);

/** Archives as they lie in libraries, by what is odd about them. */
const archives: readonly { on: string; name: string; bytes: () => Uint8Array }[] = [
  { on: "on an empty archive", name: "empty.cbz", bytes: () => archiveBytes({ pages: 0 }) },
  { on: "on an archive of 5,000 files", name: "huge.cbz", bytes: () => archiveBytes({ pages: pages(5000) }) },
  {
    on: "on a broken zip",
    name: "broken.cbz",
    bytes: () => archiveBytes({ pages: 3 }).subarray(0, 90),
  },
  {
    on: "on names in other scripts",
    name: "[作者] 題名 – Ünï 🐌 (2).cbz",
    bytes: () =>
      archiveBytes({
        pages: ["第一話/頁 01.png", "Ünï cödé [x].png", "а/б.png", "a & b 'c'.png"],
        files: { "第一話/説明.txt": "説明", "情報.json": { 題名: "蝸牛" } },
      }),
  },
];

type Instead = NonNullable<NetworkOfRun["instead"]>;

const refusedConnection: Instead = async () => {
  throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
};

const forbidden: Instead = async () => ({
  statusCode: 403,
  statusText: "Forbidden",
  headers: { "content-type": "text/html" },
  body: Readable.from([Buffer.from("<html><title>403 Forbidden</title></html>")]),
});

/** Only the first answers are late: a plugin that waits for one of them waits for all. */
const slow = (): Instead => {
  let late = SLOW_ANSWERS;
  return async (signal) => {
    if (late-- > 0) await delay(SLOW_MS, undefined, { signal });
    return undefined;
  };
};

const networks = (): { on: string; instead: Instead }[] => [
  { on: "without a network", instead: refusedConnection },
  { on: "on a slow network", instead: slow() },
  { on: "where the site answers 403", instead: forbidden },
];

/** An address that a download plugin may take. */
const addressFor = ({ manifest }: LoadedPlugin, recorded: readonly RecordedRun[]): string => {
  const address = recorded.find(({ given }) => given.url !== undefined)?.given.url;
  return address ?? `https://${manifest.permissions?.net?.[0]?.replace(/^\*\./, "www.") ?? "example.org"}/`;
};

/**
 * Runs a plugin on odd archives, as its author recorded it, and over networks that fail. Only a metadata plugin gets archives.
 * @param folder where the archives are written
 * @param samples the archives of its author
 * @param recording its answers, where it has some
 */
export const oddRuns = async (
  sandbox: Sandbox,
  plugin: LoadedPlugin,
  folder: string,
  samples: readonly string[] = [],
  recording: Recording = createRecording(),
): Promise<OddRun[]> => {
  const { type, permissions } = plugin.manifest;
  const isMetadata = type === "metadata";
  const found: OddRun[] = [];
  /** @returns whether it hangs: it would on the others too, and each takes the whole limit */
  const run = async (
    what: Omit<OddRun, "report">,
    given: Partial<PluginCall> & Pick<NetworkOfRun, "instead">,
  ) => {
    const call = { recording, network: "replay", timeoutMs: LIMIT_MS, ...given } as const;
    const report = await sandbox.run(plugin, call);
    found.push({ ...what, report });
    return report.failure?.code === "PLUGIN_TIMEOUT";
  };
  for (const { on, name, bytes } of isMetadata ? archives : []) {
    const file = path.join(folder, name);
    await writeFile(file, bytes());
    if (await run({ on, kind: "archive" }, { archive: { file } })) return found;
  }
  const recorded = await recordedRuns(plugin, samples, recording);
  for (const { on, given, isGuessed } of recorded)
    if (await run({ on, kind: "recorded", isGuessed }, given)) return found;
  const file = path.join(folder, "plain.cbz");
  await writeFile(file, archiveBytes({ pages: 3, comicInfo: { Title: "Plain", Series: "Plain" } }));
  const input = isMetadata ? { archive: { file } } : { url: addressFor(plugin, recorded) };
  const asksForHosts = (permissions?.net?.length ?? 0) > 0;
  for (const { on, instead } of asksForHosts ? networks() : [])
    await run({ on, kind: "network" }, { ...input, instead });
  if (!isMetadata && !asksForHosts) await run({ on: "without an argument", kind: "archive" }, input);
  return found;
};
