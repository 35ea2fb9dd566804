import type { ArchiveMetadata, InstalledPlugin } from "@hitagi/contract";
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useChange } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Card, Section } from "../design/page.tsx";
import { Ticked } from "../design/ticked.tsx";
import { foundIn, tagsIn } from "../library/archive-texts.ts";
import { useTexts } from "../texts/texts.ts";
import { ArchivePicker } from "./archive-picker.tsx";
import classes from "./plugin.module.css";

type Trial = CallOutput<"usePlugin">;

const Tags = ({ tags, known }: { tags: string[]; known: string[] }) => (
  <span className={classes.tags}>
    {tags.map((tag) => (
      <span key={tag} className={classes.tag} data-new={!known.includes(tag)}>
        {tag}
      </span>
    ))}
  </span>
);

/** The archive before, and as the result would make it. */
const Difference = ({ archive, data }: { archive: ArchiveMetadata; data: unknown }) => {
  const { t } = useTexts();
  const found = foundIn(data);
  const before = tagsIn(archive.tags);
  const added = found.tags.filter((tag) => !before.includes(tag));
  const column = (title: string, texts: { title: string; summary: string; tags: string[] }) => (
    <Card padded>
      <h3>{title}</h3>
      <dl className={classes.facts2}>
        <dt>{t("plugins.field.title")}</dt>
        <dd>{texts.title}</dd>
        <dt>{t("plugins.field.tags")}</dt>
        <dd>
          <Tags tags={texts.tags} known={before} />
        </dd>
        {texts.summary && (
          <>
            <dt>{t("plugins.field.summary")}</dt>
            <dd>{texts.summary}</dd>
          </>
        )}
      </dl>
    </Card>
  );
  return (
    <>
      <p className={classes.soft}>
        {added.length === 0 && !found.title && !found.summary
          ? t("plugins.foundNothing")
          : t("plugins.foundTags", { count: added.length })}
      </p>
      <div className={classes.two}>
        {column(t("plugins.before"), { title: archive.title, summary: archive.summary, tags: before })}
        {column(t("plugins.after"), {
          title: found.title ?? archive.title,
          summary: found.summary ?? archive.summary,
          tags: [...before, ...added],
        })}
      </div>
    </>
  );
};

const Report = ({ debug }: { debug: NonNullable<Trial["debug"]> }) => {
  const { t, number } = useTexts();
  return (
    <Section title={t("plugins.callLog")} about={t("plugins.took", { ms: number(Math.round(debug.ms)) })}>
      <Card>
        {debug.log.map(({ time, level, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one call never change places
          <div key={`${time} ${index}`} className={classes.line} data-level={level}>
            <span className={classes.level}>{level}</span>
            <span />
            <span>{text}</span>
          </div>
        ))}
        {debug.requests.map(({ at, method, url, outcome, reason }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the requests of one call never change places
          <div key={`${at} ${index}`} className={classes.line}>
            <span className={classes.level}>{method}</span>
            <span>{outcome}</span>
            <span>
              {url} {reason}
            </span>
          </div>
        ))}
        {debug.log.length + debug.requests.length === 0 && (
          <p className={classes.log}>{t("plugins.logEmpty")}</p>
        )}
      </Card>
    </Section>
  );
};

/** Runs the plugin on an archive without a change of it, and shows what it would change. */
export const TryPart = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const { namespace, name, manifest, type } = plugin;
  const [archive, setArchive] = useState<ArchiveMetadata | null>(null);
  const [arg, setArg] = useState("");
  const [trial, setTrial] = useState<{ result: Trial; archive: ArchiveMetadata | null } | null>(null);
  const use = useChange("usePlugin", { showsError: true });
  const queue = useChange("queuePlugin");
  const needsArchive = type === "metadata";
  const call = { plugin: namespace, ...(archive && { id: archive.arcid }), ...(arg !== "" && { arg }) };
  const run = async () => {
    setTrial(null);
    const result = await use.run({ body: { ...call, debug: true } });
    if (result) setTrial({ result, archive });
  };
  return (
    <>
      <Section title={t("plugins.part.try")} about={t("plugins.tryAbout")}>
        <div className={classes.form}>
          {needsArchive && <ArchivePicker chosen={archive} onChoose={setArchive} />}
          {(manifest.oneshot_arg || !needsArchive) && (
            <TextInput
              label={t("plugins.argument")}
              description={manifest.oneshot_arg}
              value={arg}
              onChange={(event) => setArg(event.currentTarget.value)}
            />
          )}
          <div className={classes.buttons}>
            <Button loading={use.busy} disabled={needsArchive && archive === null} onClick={() => void run()}>
              {t("plugins.try")}
            </Button>
            {needsArchive && trial?.archive && trial.result.success === 1 && (
              <Button
                variant="default"
                loading={queue.busy}
                onClick={() => void queue.run({ body: call }, { done: t("plugins.queued", { name }) })}
              >
                {t("plugins.keep")}
              </Button>
            )}
          </div>
        </div>
      </Section>
      {use.error && <FaultCard error={use.error} />}
      {trial && trial.result.success === 0 && (
        <Card padded>
          <h3>
            <Ticked text={trial.result.error ?? ""} />
          </h3>
          {trial.result.hint && (
            <p className={classes.soft}>
              <Ticked text={trial.result.hint} />
            </p>
          )}
        </Card>
      )}
      {trial && trial.result.success === 1 && trial.archive && (
        <Difference archive={trial.archive} data={trial.result.data} />
      )}
      {trial && trial.result.success === 1 && !trial.archive && (
        <Card>
          <pre className={classes.log}>{JSON.stringify(trial.result.data, null, 2)}</pre>
        </Card>
      )}
      {trial?.result.debug && <Report debug={trial.result.debug} />}
    </>
  );
};
