import "../design/choices.css";
import { Button, Switch, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import { type CallOutput, client } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Notice } from "../design/notice.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./server.module.css";
import { TagsApply } from "./tags-apply.tsx";

type Rules = CallOutput<"getTagRules">;

const undo = () => client.updateTagRules({ body: { undo: true } });

/** What the rules make of some tags. Nothing is changed. */
const Trial = ({ rules }: { rules: string }) => {
  const { t } = useTexts();
  const [tags, setTags] = useState("");
  const [steps, setSteps] = useState<CallOutput<"tryTagRules">["steps"]>([]);
  const trial = useChange("tryTagRules", { showsError: true });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await trial.run({ body: { tags, text: rules } });
    setSteps(answer?.steps ?? []);
  };
  return (
    <Section title={t("server.tagsTry")} about={t("server.tagsTryAbout")}>
      <Card padded>
        <form className={classes.form} onSubmit={(event) => void submit(event)}>
          <TextInput
            label={t("server.tagsToTry")}
            value={tags}
            onChange={(event) => setTags(event.currentTarget.value)}
          />
          {trial.error !== null && <FaultCard error={trial.error} />}
          <div className={classes.buttons}>
            <Button type="submit" variant="default" loading={trial.busy} disabled={tags.trim() === ""}>
              {t("server.tagsTryNow")}
            </Button>
          </div>
        </form>
      </Card>
      {steps.length > 0 && (
        <Card>
          <ul aria-live="polite">
            {steps.map(({ tag, becomes, rules: by }) => (
              <li key={tag}>
                <Row
                  title={tag}
                  about={by.join(" · ")}
                  facts={
                    becomes.length === 0
                      ? t("server.tagRemoved")
                      : becomes.length === 1 && becomes[0] === tag
                        ? t("server.tagStays")
                        : becomes.join(", ")
                  }
                />
              </li>
            ))}
          </ul>
        </Card>
      )}
    </Section>
  );
};

/** The rules as a text, with a switch for their use. What is typed stays until it is saved. */
const RulesForm = ({
  of: { enabled, text, ignored, revision, table, tableTags, tableProblem },
}: {
  of: Rules;
}) => {
  const { t } = useTexts();
  const [typed, setTyped] = useState<string | null>(null);
  const change = useChange("updateTagRules", { showsError: true });
  const done = t("server.tagsSaved");
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (await change.run({ body: { text: typed ?? text, revision } }, { done, undo })) setTyped(null);
  };
  return (
    <>
      <Section title={t("server.part.tags")} about={t("server.tagsAbout")}>
        <Card padded>
          <form className={classes.form} onSubmit={(event) => void save(event)}>
            <Switch
              label={t("server.tagsOn")}
              description={t("server.tagsOnAbout")}
              checked={enabled}
              disabled={change.busy}
              onChange={() => void change.run({ body: { enabled: !enabled } }, { done, undo })}
            />
            <Textarea
              label={t("server.tagRules")}
              description={t("server.tagRulesHint")}
              value={typed ?? text}
              autosize
              minRows={5}
              maxRows={24}
              spellCheck={false}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            {ignored.length > 0 && (
              <Notice tone="warn" text={t("server.tagsIgnored", { lines: ignored.join(" · ") })} />
            )}
            {table && (
              <Row
                title={t("server.tagTable")}
                about={
                  <>
                    <code>{table.file}</code> {tableProblem}
                  </>
                }
                facts={tableTags !== null && t("server.tagTableTags", { count: tableTags })}
              />
            )}
            {change.error !== null && <FaultCard error={change.error} />}
            <div className={classes.buttons}>
              <Button type="submit" loading={change.busy} disabled={typed === null || typed === text}>
                {t("server.tagsSave")}
              </Button>
              {typed !== null && (
                <Button variant="default" onClick={() => setTyped(null)}>
                  {t("server.tagsDiscard")}
                </Button>
              )}
            </div>
          </form>
        </Card>
      </Section>
      <Trial rules={typed ?? text} />
      <TagsApply isSaved={typed === null || typed === text} />
    </>
  );
};

/** What becomes of the tags that metadata plugins find: edited, tried, and applied to the library after a preview. */
const TagsPart = () => {
  const asked = useCall("getTagRules", {});
  return <Asked of={asked}>{(rules) => <RulesForm of={rules} />}</Asked>;
};

export default TagsPart;
