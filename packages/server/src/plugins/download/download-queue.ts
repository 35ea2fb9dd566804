import { type Actor, comparableText, HitagiError, type Permissions } from "@hitagi/contract";
import { sha256Of } from "../../disk/sha256.ts";
import { splitTags } from "../../library/tags.ts";
import type { Library } from "../../library/types.ts";
import { grantedReach } from "../../net/granted-hosts.ts";
import { denied } from "../../runtimes/broker/capability.ts";
import type { DownloadQueue } from "../../runtimes/types.ts";
import type { ActivePlugin } from "../types.ts";
import { type DownloaderDeps, downloadersOf, sourceTag } from "./download-address.ts";

/** Queues the download of an address; a repeated key answers the first job. */
export type QueueDownload = (
  url: string,
  options: { actor: Actor | undefined; once: string; notes: Record<string, string> },
) => Promise<number>;

export interface DownloadQueueDeps extends DownloaderDeps {
  library: Pick<Library, "list">;
  queue: QueueDownload;
  /** Epoch milliseconds. */
  now?: () => number;
}

/** Addresses that one call may add. */
const MAX_ADDED = 100;
const DAY_MS = 86_400_000;

/** The address of a work. @throws HitagiError CAPABILITY_INVALID */
const addressOf = (text: string): URL => {
  const invalid = (reason: string) =>
    new HitagiError("CAPABILITY_INVALID", { capability: "library.add", reason });
  if (!URL.canParse(text)) throw invalid("this is no address");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw invalid("the address is not http or https");
  if (url.username !== "" || url.password !== "")
    throw invalid("the address contains a user name or password");
  url.hash = "";
  return url;
};

/**
 * The queue of downloads for one call of a script. An address is queued only if a download plugin takes it and its host is granted by
 * name, to that plugin or to the script. An open network of a Perl plugin names no host, so it does not count.
 * @param granted what is granted to the script at the moment
 */
export const createDownloadQueue = (
  { active, takes, library, queue, now = Date.now }: DownloadQueueDeps,
  script: ActivePlugin,
  granted: () => Permissions,
  actor: Actor | undefined,
): DownloadQueue => {
  let added = 0;
  let sources: Promise<ReadonlySet<string>> | undefined;

  /** The addresses of the library's archives, as source tags, as of the call's first question. */
  const readSources = async (): Promise<ReadonlySet<string>> => {
    const archives = await library.list();
    return new Set(archives.flatMap(({ tags }) => splitTags(tags).map(comparableText)));
  };

  return {
    add: async (text) => {
      if (++added > MAX_ADDED)
        throw new HitagiError("CAPABILITY_LIMIT", { reason: `a call adds at most ${MAX_ADDED} addresses` });
      const url = addressOf(text);
      const [downloader] = await downloadersOf({ active, takes }, url.href);
      if (downloader === undefined) throw new HitagiError("NO_DOWNLOADER", { url: url.href });
      const hosts = [...(granted().net ?? []), ...(downloader.granted.net ?? [])];
      if (grantedReach(hosts, url) === undefined) {
        const { namespace } = downloader;
        throw denied(
          `add ${url.host}`,
          `this host is granted neither to it nor to ${namespace}, which would download it`,
        );
      }
      sources ??= readSources();
      if ((await sources).has(comparableText(sourceTag(url)))) return { job: null };
      const day = Math.floor(now() / DAY_MS);
      const once = `add ${script.namespace} ${sha256Of(Buffer.from(url.href))} ${day}`;
      return { job: await queue(url.href, { actor, once, notes: { plugin: script.namespace } }) };
    },
  };
};
