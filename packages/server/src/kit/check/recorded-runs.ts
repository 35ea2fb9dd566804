import path from "node:path";
import { matchUrl } from "../../runtimes/url-pattern.ts";
import type { Recording } from "../network/recording.ts";
import type { LoadedPlugin, PluginCall } from "../types.ts";

/** A run that the author made, or one that is near to it. */
export interface RecordedRun {
  /** What it runs on, for a sentence: `on samples/comic.cbz`. */
  on: string;
  given: Pick<PluginCall, "archive" | "arg" | "url">;
  /** Whether no run with this input is recorded, so that it may lack an argument. */
  isGuessed: boolean;
}

/** Each is a run with its own time. */
const MOST_ADDRESSES = 5;

const inputText = ({ arg, url }: Pick<PluginCall, "arg" | "url">): string =>
  [
    ...(url === undefined ? [] : [`on the address ${url}`]),
    ...(arg === undefined ? [] : [`with the argument ${arg}`]),
  ].join(" ");

const onSamples = (samples: readonly string[], recording: Recording): RecordedRun[] => {
  const runs = samples.map((file) => ({
    on: `on samples/${path.basename(file)}`,
    given: { archive: { file } },
    isGuessed: false,
  }));
  const [first] = runs;
  if (!first) return [];
  const withArgument = recording
    .inputs()
    .filter(({ arg }) => arg !== undefined)
    .map((input) => ({
      on: `${first.on} ${inputText(input)}`,
      given: { ...first.given, ...input },
      isGuessed: false,
    }));
  return [...runs, ...withArgument];
};

/** The recorded addresses that a download plugin takes. */
const addressesFor = async ({ manifest }: LoadedPlugin, recording: Recording): Promise<string[]> => {
  const { url_regex: pattern = "" } = manifest;
  const recorded = [...new Set(recording.exchanges().map(({ url }) => url))];
  const matches = await Promise.all(recorded.map((url) => matchUrl(pattern, url)));
  return recorded.filter((_, i) => matches[i] === "matches").slice(0, MOST_ADDRESSES);
};

/**
 * The runs of a plugin that its recording answers: of a metadata plugin on the samples, of any other with the arguments and addresses
 * that were recorded. Where none are, those that may do are guessed. None without a recording.
 * @param samples the archives of its author
 */
export const recordedRuns = async (
  plugin: LoadedPlugin,
  samples: readonly string[],
  recording: Recording,
): Promise<RecordedRun[]> => {
  const { type } = plugin.manifest;
  if (type === "metadata") return onSamples(samples, recording);
  const inputs = recording.inputs();
  if (inputs.length > 0)
    return inputs.map((input) => ({ on: inputText(input), given: input, isGuessed: false }));
  if (recording.exchanges().length === 0) return [];
  if (type !== "download") return [{ on: "with the recorded answers", given: {}, isGuessed: true }];
  const addresses = await addressesFor(plugin, recording);
  return addresses.map((url) => ({ on: inputText({ url }), given: { url }, isGuessed: true }));
};
