import { createReadStream } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { HitagiError, type Namespace } from "@hitagi/contract";
import { surviveErrors } from "../../async/stream-errors.ts";
import type { Library } from "../../library/types.ts";
import { type Lookup, lookupAll } from "../../net/addresses.ts";
import { createConnections } from "../../net/connections.ts";
import { createSessionCookies } from "../../runtimes/broker/session-cookies.ts";
import type { LoginSession } from "../../runtimes/types.ts";
import type { TakesAddress } from "../addresses/address-patterns.ts";
import { sourceOf } from "../source.ts";
import type { ActivePlugin, ActivePlugins, Plugins, UseRequest } from "../types.ts";
import type { Call } from "../use/call.ts";
import { downloadUrlOf } from "../use/results.ts";
import { downloadersOf, sourceTag } from "./download-address.ts";
import { createDownloadFetch, type DownloadAnswer, downloadFault } from "./download-fetch.ts";
import { downloadName } from "./download-name.ts";

export interface DownloadDeps {
  active: Pick<ActivePlugins, "list">;
  call: Call;
  library: Pick<Library, "add">;
  session: (loginNamespace: Namespace) => Promise<LoginSession | undefined>;
  /** Hosts that every download may reach, even if their addresses are not public. */
  hosts?: readonly string[] | undefined;
  takes: TakesAddress;
  /** Resolves names; the operating system's resolver by default. */
  lookup?: Lookup | undefined;
}

/** Milliseconds that a download may take, even if data still comes. */
const MAX_MS = 60 * 60 * 1000;

type Added = Awaited<ReturnType<Plugins["download"]>>;

export interface Downloads extends Pick<Plugins, "download" | "takesUrl"> {
  close(): Promise<void>;
}

export const createDownloads = (deps: DownloadDeps): Downloads => {
  const connections = createConnections();
  const fetch = createDownloadFetch({ connections, lookup: deps.lookup ?? lookupAll });
  const cookiesOf = createSessionCookies();

  const downloaders = (url: string): Promise<ActivePlugin[]> => downloadersOf(deps, url);

  const cookiesFor = async (plugin: ActivePlugin) => {
    const { login_from: login } = plugin.manifest;
    const session = login === undefined ? undefined : await deps.session(login);
    return session && cookiesOf(session, `${plugin.namespace} ${sourceOf(plugin)}`);
  };

  const add = async (filename: string, stream: Readable, asked: URL): Promise<Added> => {
    // The library may refuse the name before it reads.
    surviveErrors(stream);
    try {
      const { id, file } = await deps.library.add({ filename, stream, tags: sourceTag(asked) });
      return { id, filename: file.slice(file.lastIndexOf("/") + 1) };
    } finally {
      stream.destroy();
    }
  };

  return {
    takesUrl: async (url) => (await downloaders(url)).length > 0,
    async download(url, progress = {}) {
      const { signal: outer, onProgress } = progress;
      const [plugin] = await downloaders(url);
      const asked = URL.canParse(url) ? new URL(url) : undefined;
      if (plugin === undefined || asked === undefined) throw new HitagiError("NO_DOWNLOADER", { url });
      let supplied: Added | undefined;
      const takeFile = async (file: string) => {
        supplied = await add(path.basename(file), createReadStream(file), asked);
      };
      const { value } = await deps.call(plugin, { ...progress, url, arg: url, takeFile });
      if (supplied) return supplied;
      const given = downloadUrlOf(plugin, value);
      if (!URL.canParse(given)) {
        const { namespace } = plugin;
        const reason = `${namespace} gave an address that is none`;
        throw new HitagiError("PLUGIN_FAILED", { namespace, reason });
      }
      const timeout = AbortSignal.timeout(MAX_MS);
      const signal = outer === undefined ? timeout : AbortSignal.any([outer, timeout]);
      const target = new URL(given);
      const answer = await fetch({
        namespace: plugin.namespace,
        url: target,
        asked,
        hosts: [...(plugin.granted.net ?? []), ...(deps.hosts ?? [])],
        anyPublic: plugin.runtime === "perl",
        cookies: await cookiesFor(plugin),
        signal,
      });
      const filename = downloadName(answer.disposition, [...answer.urls, asked]);
      const bytes = counted(answer, onProgress, (error) => downloadFault(error, target, signal));
      try {
        return await add(filename, Readable.from(bytes, { objectMode: false }), asked);
      } finally {
        answer.body.destroy();
      }
    },
    close: connections.close,
  };
};

/** Passes the bytes of a download on and reports their count; the total is 0 if unknown. */
const counted = async function* (
  { body, length = 0 }: DownloadAnswer,
  onProgress: UseRequest["onProgress"],
  faultOf: (error: unknown) => HitagiError,
): AsyncGenerator<Buffer> {
  let done = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      done += chunk.length;
      onProgress?.(done, length, "bytes");
      yield chunk;
    }
  } catch (error) {
    throw faultOf(error);
  }
};
