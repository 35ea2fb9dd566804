import { Button, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Notice } from "../design/notice.tsx";
import { Card, Section } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./registries.module.css";
import type { Registry } from "./registry-words.ts";

type Relation = CallOutput<"compareHead">["relation"];

const tones: Record<Relation, "good" | "info" | "warn" | "bad"> = {
  same: "good",
  behind: "good",
  ahead: "good",
  "newer-keys": "info",
  "older-keys": "info",
  "too-far": "warn",
  forked: "bad",
  "other-registry": "bad",
};

/** Compares the accepted head with one that another server or person sees. */
export const CompareHeads = ({ registry: { id } }: { registry: Registry }) => {
  const { t } = useTexts();
  const compare = useChange("compareHead", { showsError: true });
  const [text, setText] = useState("");
  const [relation, setRelation] = useState<Relation | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setRelation(null);
    const isAddress = /^https?:\/\/\S+$/i.test(text.trim());
    // A head is signed to its last line end, so that a text is sent as it was pasted.
    const body = isAddress ? { address: text.trim() } : { head: text.endsWith("\n") ? text : `${text}\n` };
    const answer = await compare.run({ params: { id }, body });
    if (answer) setRelation(answer.relation);
  };
  return (
    <Section title={t("registries.compare")} about={t("registries.compareAbout")}>
      <Card padded>
        <form className={classes.form} onSubmit={(event) => void submit(event)}>
          <Textarea
            label={t("registries.otherHead")}
            description={t("registries.otherHeadHint")}
            value={text}
            autosize
            minRows={2}
            maxRows={10}
            spellCheck={false}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {compare.error !== null && <FaultCard error={compare.error} />}
          <div role="status">
            {relation !== null && (
              <Notice tone={tones[relation]} text={t(`registries.relation.${relation}`)} />
            )}
          </div>
          <div className={classes.buttons}>
            <Button type="submit" variant="default" loading={compare.busy} disabled={text.trim() === ""}>
              {t("registries.compareNow")}
            </Button>
          </div>
        </form>
      </Card>
    </Section>
  );
};
