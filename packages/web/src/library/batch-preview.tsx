import type { BatchPreview, ChainTrial, TriedArchive } from "@hitagi/contract";
import { Chip, type Tone } from "../design/chip.tsx";
import { Notice } from "../design/notice.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./run-dialog.module.css";
import { TextsDiff } from "./texts-diff.tsx";

type Step = ChainTrial["steps"][number];

const tones: Record<Step["outcome"], Tone> = {
  found: "good",
  nothing: "plain",
  skipped: "info",
  failed: "bad",
};

/** What a plugin did, or why it did not run; what was held back, and why. */
const StepLine = ({ step: { name, outcome, skipped, error, heldBack } }: { step: Step }) => {
  const { t } = useTexts();
  return (
    <>
      <div className={classes.steps}>
        <Chip tone={tones[outcome]}>
          {name}: {t(`library.run.${outcome}`)}
        </Chip>
        {skipped && <span className={classes.about}>{skipped.text}</span>}
      </div>
      {error && <Notice tone="bad" text={error.message} hint={error.hint} />}
      {heldBack.map(({ field, value, reason }) => (
        <span key={field} className={classes.about}>
          {t("library.run.heldBack", { what: `${field} ${value}` })} {reason}
        </span>
      ))}
    </>
  );
};

const Tried = ({ tried: { trial, skipped } }: { tried: TriedArchive }) => (
  <div className={classes.trial}>
    <h3>{trial.archive.title}</h3>
    {skipped && <span className={classes.about}>{skipped.text}</span>}
    {trial.steps.map((step) => (
      <StepLine key={step.plugin} step={step} />
    ))}
    <TextsDiff before={trial.before} after={trial.after} />
  </div>
);

/** What a batch would do: on how many archives, and on the first ones in detail. */
export const PreviewOfBatch = ({ preview }: { preview: BatchPreview }) => {
  const { t, list } = useTexts();
  const { archives, plugins, tried, counts } = preview;
  return (
    <section className={classes.trials} aria-label={t("library.run.trials")} aria-live="polite">
      <p>
        {t("library.run.wouldRun", { count: archives, plugins: list(plugins.map(({ name }) => name)) })}{" "}
        {t("library.run.wouldChange", { changed: counts.changed ?? 0, tried: tried.length })}
      </p>
      {tried.map((one) => (
        <Tried key={one.trial.archive.id} tried={one} />
      ))}
    </section>
  );
};
