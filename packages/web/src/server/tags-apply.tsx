import type { TagRulesPreview } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useChange } from "../app/calls.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { BatchProgress } from "../library/batch-progress.tsx";
import { followBatch } from "../library/started-batches.ts";
import { TextsDiff } from "../library/texts-diff.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./server.module.css";

/** The archives that are shown of those that would change. */
const SHOWN = 20;

const tagsOnly = (tags: string) => ({ title: "", summary: "", tags });

/** Applies the stored tag rules to the tags that archives have, after a preview of what changes. */
export const TagsApply = ({ isSaved }: { isSaved: boolean }) => {
  const { t } = useTexts();
  const [preview, setPreview] = useState<TagRulesPreview | null>(null);
  const look = useChange("previewTagRules", { showsError: true });
  const apply = useChange("applyTagRules", { showsError: true });
  const show = async () =>
    setPreview((await look.run({ body: { all: true, size: SHOWN } }))?.preview ?? null);
  const start = async () => {
    const answer = await apply.run({ body: { all: true } });
    if (!answer) return;
    setPreview(null);
    followBatch(answer.job);
  };
  const error = look.error ?? apply.error;
  const shown = isSaved ? preview : null;
  return (
    <Section title={t("server.tagsApply")} about={t("server.tagsApplyAbout")}>
      <BatchProgress canChange />
      {shown && (
        <>
          <p role="status">{t("server.tagsChanged", { changed: shown.changed, archives: shown.archives })}</p>
          {shown.items.length > 0 && (
            <Card>
              <ul>
                {shown.items.map(({ archive, title, before, after }) => (
                  <li key={archive}>
                    <Row
                      title={title}
                      about={<TextsDiff before={tagsOnly(before)} after={tagsOnly(after)} />}
                    />
                  </li>
                ))}
              </ul>
            </Card>
          )}
          {shown.changed > shown.items.length && (
            <p className={classes.soft}>
              {t("server.tagsMore", { count: shown.changed - shown.items.length })}
            </p>
          )}
        </>
      )}
      {error !== null && <FaultCard error={error} />}
      <div className={classes.buttons}>
        <Button variant="default" loading={look.busy} disabled={!isSaved} onClick={() => void show()}>
          {t("server.tagsPreview")}
        </Button>
        {shown !== null && shown.changed > 0 && (
          <Button loading={apply.busy} onClick={() => void start()}>
            {t("server.tagsApplyNow", { count: shown.changed })}
          </Button>
        )}
        {!isSaved && <span className={classes.soft}>{t("server.tagsSaveFirst")}</span>}
      </div>
    </Section>
  );
};
