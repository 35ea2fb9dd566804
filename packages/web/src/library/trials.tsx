import type { ArchiveTexts, ChainTrial } from "@hitagi/contract";
import { useState } from "react";
import { client } from "../app/client.ts";
import { Chip, type Tone } from "../design/chip.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { useTexts } from "../texts/texts.ts";
import { foundIn, tagsIn } from "./archive-texts.ts";
import classes from "./run-dialog.module.css";
import { TextsDiff } from "./texts-diff.tsx";

/** What a run would change in one archive, or why it failed. */
interface Trial {
  id: string;
  title: string;
  before: ArchiveTexts;
  after: ArchiveTexts;
  /** Of the chain. */
  steps: ChainTrial["steps"];
  error: Error | null;
}

/** Not a hook of React, in spite of its name. */
const { usePlugin: runOnce } = client;

const tryChain = async (id: string): Promise<Trial> => {
  const { trial } = await client.tryChain({ query: { id } });
  const { archive, steps, before, after } = trial;
  return { id, title: archive.title, before, after, steps, error: null };
};

const tryPlugin = async (id: string, { plugin, arg }: { plugin: string; arg: string }): Promise<Trial> => {
  const { title, tags, summary } = await client.getArchiveMetadata({ params: { id } });
  const before = { title, tags, summary };
  const answer = await runOnce({ body: { plugin, id, ...(arg !== "" && { arg }) } });
  const found = foundIn(answer.data);
  const after = {
    title: found.title ?? title,
    tags: [...tagsIn(tags), ...found.tags].join(", "),
    summary: found.summary ?? summary,
  };
  const error = answer.success === 1 ? null : new Error(answer.error ?? "");
  return { id, title, before, after: error ? before : after, steps: [], error };
};

const nothing: ArchiveTexts = { title: "", tags: "", summary: "" };

/** Tries a plugin, or the chain, on archives one after the other. Nothing is changed. */
export const useTrials = () => {
  const [trials, setTrials] = useState<Trial[]>([]);
  const [busy, setBusy] = useState(false);
  const run = async (ids: string[], plugin?: { plugin: string; arg: string }): Promise<void> => {
    setBusy(true);
    setTrials([]);
    for (const id of ids) {
      const trial = await (plugin ? tryPlugin(id, plugin) : tryChain(id)).catch(
        (thrown: unknown): Trial => ({
          ...{ id, title: "", before: nothing, after: nothing, steps: [] },
          error: thrown instanceof Error ? thrown : new Error(String(thrown)),
        }),
      );
      setTrials((before) => [...before, trial]);
    }
    setBusy(false);
  };
  return { trials, busy, run, clear: () => setTrials([]) };
};

const tones: Record<ChainTrial["steps"][number]["outcome"], Tone> = {
  found: "good",
  nothing: "plain",
  skipped: "info",
  failed: "bad",
};

/** What each try would change. */
export const Trials = ({ trials: { trials } }: { trials: ReturnType<typeof useTrials> }) => {
  const { t } = useTexts();
  if (trials.length === 0) return null;
  return (
    <section className={classes.trials} aria-label={t("library.run.trials")} aria-live="polite">
      {trials.map(({ id, title, before, after, steps, error }) => (
        <div key={id} className={classes.trial}>
          {title !== "" && <h3>{title}</h3>}
          {steps.length > 0 && (
            <div className={classes.steps}>
              {steps.map(({ plugin, name, outcome }) => (
                <Chip key={plugin} tone={tones[outcome]}>
                  {name}: {t(`library.run.${outcome}`)}
                </Chip>
              ))}
            </div>
          )}
          {error ? <FaultCard error={error} /> : <TextsDiff before={before} after={after} />}
        </div>
      ))}
    </section>
  );
};
