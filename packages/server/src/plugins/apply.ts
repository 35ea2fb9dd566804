import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { joinTags, splitTags } from "../library/tags.ts";
import type { Library } from "../library/types.ts";
import type { Findings } from "./results.ts";
import type { ActivePlugins, Plugins, UseRequest } from "./types.ts";
import type { Use } from "./use.ts";

export interface ApplyDeps {
  active: Pick<ActivePlugins, "list">;
  library: Pick<Library, "get" | "update">;
  use: Use;
  log: Pick<Logger, "error">;
}

export const createApply = ({
  active,
  library,
  use,
  log,
}: ApplyDeps): Pick<Plugins, "apply" | "applyEnabled" | "anyEnabled"> => {
  const write = createWrite(library);

  const apply: Plugins["apply"] = async (request) => {
    const { result, findings } = await use(request);
    if (findings !== undefined && request.archive !== undefined) await write(request.archive, findings);
    return result;
  };

  const enabled = () =>
    active
      .list()
      .filter((plugin) => plugin.manifest.type === "metadata" && plugin.enabled)
      .toSorted((a, b) => a.priority - b.priority);

  /** What goes wrong with one plugin is told and does not keep the next one from its turn. */
  const attempt = async (request: UseRequest) => {
    const { namespace, archive } = request;
    try {
      await apply(request);
      return { namespace, error: null };
    } catch (error) {
      if (request.signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
      if (isHitagiError(error)) return { namespace, error: error.message };
      log.error({ plugin: namespace, archive, err: error }, "a metadata plugin could not be run");
      return { namespace, error: "it could not be run; the server's log says why" };
    }
  };

  return {
    apply,
    async applyEnabled(archive, { signal, onProgress } = {}) {
      await library.get(archive);
      const plugins = enabled();
      const outcomes: { namespace: string; error: string | null }[] = [];
      for (const [done, { namespace }] of plugins.entries()) {
        onProgress?.(done, plugins.length, namespace);
        outcomes.push(await attempt({ namespace, archive, signal }));
      }
      onProgress?.(plugins.length, plugins.length);
      return outcomes;
    },
    anyEnabled: () => active.list().some((p) => p.manifest.type === "metadata" && p.enabled),
  };
};

/**
 * Writes what a plugin found to the archive as it is then, not as the plugin saw it: tags that came meanwhile stay.
 * One write at a time for each archive, so that two plugins at once lose none of each other's tags.
 */
const createWrite = (library: Pick<Library, "get" | "update">) => {
  const writing = new Map<string, Promise<void>>();

  const merge = async (id: string, { tags, ...texts }: Findings): Promise<void> => {
    const { tags: current } = await library.get(id);
    const merged = joinTags([...splitTags(current), ...tags]);
    const patch = { ...texts, ...(tags.length > 0 && { tags: merged }) };
    if (Object.keys(patch).length > 0) await library.update(id, patch);
  };

  return async (id: string, findings: Findings): Promise<void> => {
    const before = writing.get(id) ?? Promise.resolve();
    const mine = before.then(() => merge(id, findings));
    const settled = mine.catch(() => {});
    writing.set(id, settled);
    await mine.finally(() => {
      if (writing.get(id) === settled) writing.delete(id);
    });
  };
};
