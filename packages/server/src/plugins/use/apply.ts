import { archiveChange, type HeldBack, HitagiError, isHitagiError, type Namespace } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Library } from "../../library/types.ts";
import type { Permitted } from "../../policy/types.ts";
import { startChain } from "../chain/chain-run.ts";
import type { ReadSteps } from "../chain/steps.ts";
import { enabledMetadata } from "../registry/active.ts";
import type { ActivePlugins, Plugins, UseRequest } from "../types.ts";
import type { EditArchive } from "./archive-edits.ts";
import { merged, wireFindings } from "./results.ts";
import type { Use } from "./use.ts";

export interface ApplyDeps {
  active: Pick<ActivePlugins, "list">;
  library: Pick<Library, "get">;
  readSteps: ReadSteps;
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
  readSteps,
  edit,
  use,
  log,
  replacesTitles = async () => true,
}: ApplyDeps): Pick<Plugins, "apply" | "applyEnabled" | "anyEnabled"> => {
  const run = async (request: UseRequest, withTitle: boolean) => {
    const { result, permit, found } = await use(request);
    let written: Permitted | undefined;
    if (permit !== undefined && request.archive !== undefined) {
      const edited = await edit(request.archive, (now, file) => {
        written = permit({ ...now, file }, !withTitle);
        return merged(now, written.findings);
      });
      if (edited) request.onChange?.(archiveChange(edited.from, edited.to));
    }
    return { result: written ? { ...result, data: wireFindings(written) } : result, written, found };
  };

  const failed = (namespace: Namespace, error: string) => ({ found: false, outcome: { namespace, error } });

  /** A failure of one plugin is reported and does not stop the next one. */
  const attempt = async (request: UseRequest, withTitle: boolean) => {
    const { namespace, archive } = request;
    try {
      const { written, found } = await run(request, withTitle);
      return { found, outcome: { namespace, error: null, ...heldBackOf(written) } };
    } catch (error) {
      if (request.signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
      if (isHitagiError(error)) return failed(namespace, error.message);
      log.error({ plugin: namespace, archive, err: error }, "a metadata plugin could not be run");
      return failed(namespace, "it could not be run; the server's log says why");
    }
  };

  return {
    apply: async (request) => (await run(request, true)).result,
    async applyEnabled(archive, { onProgress, ...progress } = {}) {
      await library.get(archive);
      const steps = await readSteps();
      const chain = startChain();
      const withTitles = await replacesTitles();
      const outcomes: Awaited<ReturnType<Plugins["applyEnabled"]>> = [];
      for (const [done, step] of steps.entries()) {
        const { namespace } = step.plugin;
        onProgress?.(done, steps.length, namespace);
        const skipped = await chain.skips(step, () => library.get(archive));
        if (skipped) {
          outcomes.push({ namespace, error: null, skipped });
          continue;
        }
        const { found, outcome } = await attempt({ namespace, archive, ...progress }, withTitles);
        chain.ran(step, found);
        outcomes.push(outcome);
      }
      onProgress?.(steps.length, steps.length);
      return outcomes;
    },
    anyEnabled: () => enabledMetadata(active).length > 0,
  };
};
