import { HitagiError, type Namespace } from "@hitagi/contract";
import type { EnsureFresh } from "../../freshness.ts";
import { splitTags } from "../../library/tags.ts";
import type { ActivePlugin, ActivePlugins, UseRequest, UseResult } from "../types.ts";
import type { Call } from "./call.ts";
import { downloadUrlOf, type Findings, findingsOf, scriptData, wireFindings } from "./results.ts";
import type { Sessions } from "./sessions.ts";

export interface UseDeps {
  active: Pick<ActivePlugins, "get">;
  ensureFresh: EnsureFresh;
  call: Call;
  sessions: Sessions;
}

/** The result of a use, and what is to be written to the archive. */
export interface Used {
  result: UseResult;
  /** Undefined unless the plugin is a metadata plugin. */
  findings: Findings | undefined;
}

export type Use = (request: UseRequest) => Promise<Used>;

/** @throws HitagiError PLUGIN_NOT_FOUND */
export const existing = (active: Pick<ActivePlugins, "get">, namespace: Namespace): ActivePlugin => {
  const plugin = active.get(namespace);
  if (plugin === undefined) throw new HitagiError("PLUGIN_NOT_FOUND", { namespace });
  return plugin;
};

/** Runs plugins, with one row for each type that turns what they return into the API's result. */
export const createUse = ({ active, ensureFresh, call, sessions }: UseDeps): Use => {
  const plain = (type: UseResult["type"], data: unknown): Used => ({
    result: { type, data },
    findings: undefined,
  });

  const byType: Record<UseResult["type"], (plugin: ActivePlugin, request: UseRequest) => Promise<Used>> = {
    async metadata(plugin, request) {
      const { value, archive } = await call(plugin, request);
      const findings = findingsOf(plugin, value, splitTags(archive?.tags ?? ""));
      return { result: { type: "metadata", data: wireFindings(findings) }, findings };
    },
    async download(plugin, request) {
      const url = request.url ?? request.arg ?? "";
      const { value } = await call(plugin, { ...request, url });
      return plain("download", { download_url: downloadUrlOf(plugin, value) });
    },
    async login(plugin) {
      await sessions.renew(plugin);
      return plain("login", {});
    },
    async script(plugin, request) {
      return plain("script", scriptData((await call(plugin, request)).value));
    },
  };

  return async (request) => {
    await ensureFresh();
    const plugin = existing(active, request.namespace);
    return byType[plugin.manifest.type](plugin, request);
  };
};
