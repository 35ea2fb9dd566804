import "../design/choices.css";
import { Button, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "../app/calls.ts";
import { type CallOutput, client } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./archive-form.module.css";
import { tagsIn } from "./archive-texts.ts";
import { TagsField } from "./tags-field.tsx";

interface ArchiveFormProps {
  archive: CallOutput<"getArchiveMetadata">;
  onEnd: () => void;
}

/** Changes the title, the tags and the summary of an archive. */
export const ArchiveForm = ({ archive, onEnd }: ArchiveFormProps) => {
  const { t } = useTexts();
  const { arcid: id, title, summary } = archive;
  const [form, setForm] = useState({ title, tags: tagsIn(archive.tags), summary });
  const save = useChange("putArchiveMetadata", { showsError: true });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const params = { id };
    const body = { ...form, tags: form.tags.join(", ") };
    const before = { title, tags: archive.tags, summary };
    const undo = () => client.putArchiveMetadata({ params, body: before });
    if (await save.run({ params, body }, { done: t("library.saved"), undo })) onEnd();
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <TextInput
        label={t("library.field.title")}
        value={form.title}
        maxLength={4096}
        onChange={(event) => setForm({ ...form, title: event.currentTarget.value })}
        data-autofocus
      />
      <TagsField
        label={t("library.field.tags")}
        description={t("library.tagsHint")}
        value={form.tags}
        onChange={(tags) => setForm({ ...form, tags })}
      />
      <Textarea
        label={t("library.field.summary")}
        value={form.summary}
        autosize
        minRows={3}
        maxRows={12}
        onChange={(event) => setForm({ ...form, summary: event.currentTarget.value })}
      />
      {save.error !== null && <FaultCard error={save.error} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onEnd}>
          {t("app.cancel")}
        </Button>
        <Button type="submit" loading={save.busy}>
          {t("library.save")}
        </Button>
      </div>
    </form>
  );
};
