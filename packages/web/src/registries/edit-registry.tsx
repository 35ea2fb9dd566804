import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "../app/calls.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { useTexts } from "../texts/texts.ts";
import { CredentialFields, credentialBody, noCredential } from "./credential-fields.tsx";
import classes from "./registries.module.css";
import type { Registry } from "./registry-words.ts";

/** Changes the name, the place and the credential of a registry. */
export const EditRegistry = ({ registry, onEnd }: { registry: Registry; onEnd: () => void }) => {
  const { t } = useTexts();
  const { id, provider } = registry;
  const isStored = registry.credential !== undefined;
  const [form, setForm] = useState({
    name: registry.name,
    url: registry.url ?? "",
    ref: registry.ref ?? "",
    path: registry.path ?? "",
  });
  const [credential, setCredential] = useState({
    ...noCredential,
    kind: isStored ? ("keep" as const) : ("none" as const),
  });
  const save = useChange("updateRegistry", { showsError: true });
  const test = useChange("testRegistry", { showsError: true });
  const fields = (["name", "url", "ref", "path"] as const).filter(
    (field) => field === "name" || registry[field] !== undefined,
  );
  const body = {
    ...Object.fromEntries(fields.map((field) => [field, form[field].trim()])),
    ...credentialBody(credential, isStored),
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await save.run({ params: { id }, body }, { done: t("registries.saved", { name: form.name }) }))
      onEnd();
  };
  const tryIt = () =>
    void test.run(
      { body: { provider, ...body } },
      {
        done: ({ found }) => ({
          text: found.usable
            ? t("registries.test.usable", { count: found.plugins ?? found.files ?? 0 })
            : (found.failure?.error ?? t("registries.test.bad")),
        }),
      },
    );
  const error = save.error ?? test.error;
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      <div className={classes.fields}>
        {fields.map((field) => (
          <TextInput
            key={field}
            label={t(`registries.field.${field}`)}
            value={form[field]}
            required
            withAsterisk={false}
            spellCheck={false}
            onChange={(event) => setForm({ ...form, [field]: event.currentTarget.value })}
          />
        ))}
      </div>
      <CredentialFields
        value={credential}
        onChange={(next) => setCredential(next as never)}
        isStored={isStored}
      />
      {error !== null && <FaultCard error={error} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onEnd}>
          {t("app.cancel")}
        </Button>
        <Button variant="default" loading={test.busy} onClick={tryIt}>
          {t("registries.test")}
        </Button>
        <Button type="submit" loading={save.busy}>
          {t("library.save")}
        </Button>
      </div>
    </form>
  );
};
