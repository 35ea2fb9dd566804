import { HitagiError, type Namespace } from "@hitagi/contract";
import type { EnsureFresh } from "../../freshness.ts";
import type { Permit, Policy } from "../../policy/types.ts";
import type { ActivePlugin, ActivePlugins, UseRequest, UseResult } from "../types.ts";
import type { Call } from "./call.ts";
import { downloadUrlOf, findingsOf, isHit, scriptData, wireFindings } from "./results.ts";
import type { Sessions } from "./sessions.ts";

export interface UseDeps {
  active: Pick<ActivePlugins, "get">;
  ensureFresh: EnsureFresh;
  call: Call;
  sessions: Sessions;
  policy: Pick<Policy, "permit">;
}

/** The result of a use, and what may be written to the archive. */
export interface Used {
  result: UseResult;
  /** What may be written to the archive; undefined unless the plugin is a metadata plugin. */
  permit: Permit | undefined;
  /** Whether a metadata plugin found something, new or not. */
  found: boolean;
}

export type Use = (request: UseRequest) => Promise<Used>;

/** @throws HitagiError PLUGIN_NOT_FOUND */
export const existing = (active: Pick<ActivePlugins, "get">, namespace: Namespace): ActivePlugin => {
  const plugin = active.get(namespace);
  if (plugin === undefined) throw new HitagiError("PLUGIN_NOT_FOUND", { namespace });
  return plugin;
};

/** Runs plugins, with one row for each type that turns what they return into the API's result. */
export const createUse = ({ active, ensureFresh, call, sessions, policy }: UseDeps): Use => {
  const plain = (type: UseResult["type"], data: unknown): Used => ({
    result: { type, data },
    permit: undefined,
    found: false,
  });

  const byType: Record<UseResult["type"], (plugin: ActivePlugin, request: UseRequest) => Promise<Used>> = {
    async metadata(plugin, request) {
      const { value, archive } = await call(plugin, request);
      const findings = findingsOf(plugin, value);
      const permit = await policy.permit(plugin.namespace, findings);
      const now = archive ?? { title: "", tags: "", summary: "", file: "" };
      return {
        result: { type: "metadata", data: wireFindings(permit(now)) },
        permit,
        found: isHit(findings),
      };
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
