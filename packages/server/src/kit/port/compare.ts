import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ParameterValue } from "@hitagi/contract";
import { bundlePlugin } from "../bundle/bundle.ts";
import { compareRuns, keptRun, type RunChanges } from "../dev/compare-runs.ts";
import { recordingFile } from "../files.ts";
import type { NetworkMode } from "../network/recorded-network.ts";
import { type Recording, readRecording } from "../network/recording.ts";
import type { Sandbox } from "../sandbox.ts";
import type { KitArchive, LoadedPlugin, RunReport } from "../types.ts";

/** A plugin in Perl and in TypeScript, and what both are run on. */
export interface ComparedPlugins {
  /** The absolute path of the source in Perl. */
  perl: string;
  /** The absolute path of the source in TypeScript. Its recording, beside it, answers both. */
  typeScript: string;
  /** Of a metadata plugin. */
  archives: readonly KitArchive[];
  settings: (plugin: LoadedPlugin) => Promise<Record<string, ParameterValue>>;
  arg?: string | undefined;
  url?: string | undefined;
  /** Where the answers come from that are not recorded yet. */
  network: NetworkMode;
}

/** Both runs on one archive. */
export interface Comparison {
  /** The name of the archive's file; null for a plugin that works on none. */
  archive: string | null;
  isSame: boolean;
  perl: Pick<RunReport, "result" | "failure" | "log" | "ms">;
  typeScript: Pick<RunReport, "result" | "failure" | "log" | "ms">;
  /** What TypeScript adds to Perl's result, and what it lacks. */
  changed: RunChanges;
}

/**
 * Sends requests of Mojo::UserAgent without encryption to the recording, which answers them: an encrypted tunnel shows no address.
 * It stands in the first line, so that the lines keep their numbers.
 */
const UNENCRYPTED = [
  "BEGIN { require Mojo::UserAgent; my $start = Mojo::UserAgent->can('start'); no warnings 'redefine';",
  "*Mojo::UserAgent::start = sub { my ($ua, $tx, @rest) = @_; my $url = $tx->req->url;",
  "$tx->req->url($url->clone->scheme('http')) if ($url->scheme // '') eq 'https'; return $ua->$start($tx, @rest) } }",
].join(" ");

/** Answers for encrypted addresses are also those of their unencrypted forms. */
const forPerl = (recording: Recording): Recording => ({
  ...recording,
  find: (request) =>
    recording.find({ ...request, url: request.url.replace(/^http:/, "https:") }) ?? recording.find(request),
});

/** Requests without what differs between the two: the scheme, and the query, which the log leaves out. */
const comparable = (report: RunReport) => {
  const kept = keptRun(report);
  return { ...kept, requests: kept.requests.map((one) => one.replace(/ https?:\/\//, " ")) };
};

const isUnchanged = ({ added, removed, fields, requestsAdded, requestsRemoved }: RunChanges): boolean =>
  [added, removed, fields, requestsAdded, requestsRemoved].every((list) => list.length === 0);

const shown = ({ result, failure, log, ms }: RunReport): Comparison["perl"] => ({ result, failure, log, ms });

/**
 * Runs a plugin in Perl and its port on the same archives, with the same settings and answers.
 * @throws HitagiError where one of the two does not load; BundleError; the file system's error
 */
export const comparePlugins = async (sandbox: Sandbox, compared: ComparedPlugins): Promise<Comparison[]> => {
  const { arg, url, network } = compared;
  const source = await readFile(compared.perl, "utf8");
  const bundle = await bundlePlugin(compared.typeScript);
  const perl = await sandbox.load(path.basename(compared.perl), Buffer.from(`${UNENCRYPTED} ${source}`));
  const typeScript = await sandbox.load(bundle.filename, bundle.codeWithMap);
  const recording = await readRecording(recordingFile(compared.typeScript));
  const settings = await compared.settings(typeScript);
  const targets = typeScript.manifest.type === "metadata" ? compared.archives : [undefined];
  const comparisons: Comparison[] = [];
  for (const archive of targets) {
    const call = { archive, settings, arg, url };
    const now = await sandbox.run(typeScript, { ...call, recording, network });
    const before = await sandbox.run(perl, { ...call, recording: forPerl(recording), network: "replay" });
    const changed = compareRuns(comparable(before), comparable(now));
    if (!changed) continue;
    const isSame = isUnchanged(changed);
    comparisons.push({ archive: now.archive, isSame, perl: shown(before), typeScript: shown(now), changed });
  }
  await recording.save();
  return comparisons;
};
