import { type HeldBack, HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Library } from "../../library/types.ts";
import type { Permitted } from "../../policy/types.ts";
import { enabledMetadata } from "../registry/active.ts";
import type { ActivePlugins, Plugins, UseRequest } from "../types.ts";
import type { EditArchive } from "./archive-edits.ts";
import { merged, wireFindings } from "./results.ts";
import type { Use } from "./use.ts";

export interface ApplyDeps {
  active: Pick<ActivePlugins, "list">;
  library: Pick<Library, "get">;
  edit: EditArchive;
  use: Use;
  log: Pick<Logger, "error">;
  /** Whether enabled plugins replace titles; they do where absent. */
  replacesTitles?: (() => Promise<boolean>) | undefined;
}

const heldBackOf = (written: Permitted | undefined): { heldBack?: HeldBack[] } =>
  written !== undefined && written.heldBack.length > 0 ? { heldBack: written.heldBack } : {};

export const createApply = ({
  active,
  library,
  edit,
  use,
  log,
  replacesTitles = async () => true,
}: ApplyDeps): Pick<Plugins, "apply" | "applyEnabled" | "anyEnabled"> => {
  const run = async (request: UseRequest, withTitle: boolean) => {
    const { result, permit } = await use(request);
    let written: Permitted | undefined;
    if (permit !== undefined && request.archive !== undefined) {
      await edit(request.archive, (now, file) => {
        written = permit({ ...now, file }, !withTitle);
        return merged(now, written.findings);
      });
    }
    return { result: written ? { ...result, data: wireFindings(written) } : result, written };
  };

  /** A failure of one plugin is reported and does not stop the next one. */
  const attempt = async (request: UseRequest, withTitle: boolean) => {
    const { namespace, archive } = request;
    try {
      const { written } = await run(request, withTitle);
      return { namespace, error: null, ...heldBackOf(written) };
    } catch (error) {
      if (request.signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
      if (isHitagiError(error)) return { namespace, error: error.message };
      log.error({ plugin: namespace, archive, err: error }, "a metadata plugin could not be run");
      return { namespace, error: "it could not be run; the server's log says why" };
    }
  };

  return {
    apply: async (request) => (await run(request, true)).result,
    async applyEnabled(archive, { onProgress, ...progress } = {}) {
      await library.get(archive);
      const plugins = enabledMetadata(active);
      const withTitles = await replacesTitles();
      const outcomes: Awaited<ReturnType<Plugins["applyEnabled"]>> = [];
      for (const [done, { namespace }] of plugins.entries()) {
        onProgress?.(done, plugins.length, namespace);
        outcomes.push(await attempt({ namespace, archive, ...progress }, withTitles));
      }
      onProgress?.(plugins.length, plugins.length);
      return outcomes;
    },
    anyEnabled: () => enabledMetadata(active).length > 0,
  };
};
