import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { CallOutput } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { When } from "../design/when.tsx";
import { TextsDiff } from "../library/texts-diff.tsx";
import { hasText, useTexts } from "../texts/texts.ts";
import classes from "./activity.module.css";
import { useHistoryWords } from "./history-words.ts";

export type Entry = CallOutput<"listHistory">["items"][number];

/** What an entry is about, with a link where it has a page. */
const About = ({ entry }: { entry: Entry }) => {
  const { subjectOf } = useHistoryWords();
  const { subject, details } = entry;
  if (details?.archive)
    return (
      <Link to="/library/$id" params={{ id: details.archive.id }}>
        {details.archive.title ?? details.archive.id.slice(0, 10)}
      </Link>
    );
  if (subject === null) return null;
  const { kind, id } = subject;
  if (kind === "archive")
    return (
      <Link to="/library/$id" params={{ id }}>
        {details?.name ?? id.slice(0, 10)}
      </Link>
    );
  if (kind === "plugin" && !id.includes(","))
    return (
      <Link to="/plugins/$namespace" params={{ namespace: id }}>
        {subjectOf(entry)}
      </Link>
    );
  return <span>{subjectOf(entry)}</span>;
};

/** The plugins that an entry names beside its subject, with the versions before and after. */
const Plugins = ({ entry: { subject, details } }: { entry: Entry }) => {
  const { list } = useTexts();
  const { pluginOf } = useHistoryWords();
  const named = (details?.plugins ?? []).map(({ namespace, from, to }) => {
    const versions = [from, to].filter((version) => version != null).join(" → ");
    const isSubject = subject?.kind === "plugin" && subject.id === namespace;
    return [isSubject ? "" : pluginOf(namespace), versions].filter((text) => text !== "").join(" ");
  });
  return <span className={classes.soft}>{list(named.filter((text) => text !== ""))}</span>;
};

interface EntryLineProps {
  entry: Entry;
  /** Whether the list is of one archive, which then is not named again. */
  isAbout?: "archive";
}

/** One line of the history: who did what to what, and when; with what changed, if it is known. */
export const EntryLine = ({ entry, isAbout }: EntryLineProps) => {
  const { t } = useTexts();
  const { nameOf, subjectOf, actorOf, settingsOf, failureOf } = useHistoryWords();
  const [isOpen, setOpen] = useState(false);
  const { action, outcome, time, subject, details, job } = entry;
  const { change, counts, outcome: became } = details ?? {};
  const isOfPlugin = isAbout === "archive" && subject?.kind === "plugin";
  return (
    <div className={classes.entry}>
      <div className={classes.entryLine}>
        <span className={classes.entryWords}>
          <strong>{nameOf(action)}</strong>{" "}
          {isOfPlugin ? <span>{subjectOf(entry)}</span> : isAbout === undefined && <About entry={entry} />}{" "}
          <Plugins entry={entry} /> <span className={classes.soft}>{settingsOf(entry)}</span>
          {became && (
            <span className={classes.soft}>
              {hasText(`activity.outcome.${became}`) ? t(`activity.outcome.${became}`) : became}
            </span>
          )}
          {counts && (
            <span className={classes.soft}>
              {Object.entries(counts)
                .map(([name, count]) => {
                  const id = `activity.outcome.${name}`;
                  return `${hasText(id) ? t(id) : name} ${count}`;
                })
                .join(" · ")}
            </span>
          )}
        </span>
        {outcome !== "ok" && <Chip tone="bad">{failureOf(outcome)}</Chip>}
        {change && (
          <Button size="compact-sm" variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {t("activity.showChange")}
          </Button>
        )}
        {job !== null && action === "run_batch" && (
          <Link to="/activity" search={{ tab: "batches", batch: String(job) } as never}>
            {t("library.batch.report")}
          </Link>
        )}
        <span className={classes.entryWho}>
          {actorOf(entry)} · <When at={time} />
        </span>
      </div>
      {isOpen && change && <TextsDiff before={change.before} after={change.after} />}
    </div>
  );
};
