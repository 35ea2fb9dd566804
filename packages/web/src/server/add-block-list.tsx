import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "../app/calls.ts";
import { client } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Card } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./server.module.css";

/** Follows a block list. One that cannot be loaded is followed too, and makes installs wait. */
export const AddBlockList = () => {
  const { t } = useTexts();
  const add = useChange("addBlockList", { showsError: true });
  const [form, setForm] = useState({ name: "", address: "", key: "" });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { name, address, key } = {
      name: form.name.trim(),
      address: form.address.trim(),
      key: form.key.trim(),
    };
    const answer = await add.run(
      { body: { name, address, ...(key !== "" && { key }) } },
      { done: t("server.listAdded", { name }), undo: () => client.removeBlockList({ params: { name } }) },
    );
    if (answer) setForm({ name: "", address: "", key: "" });
  };
  const fields = ["name", "address", "key"] as const;
  return (
    <Card padded>
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        {fields.map((field) => (
          <TextInput
            key={field}
            label={t(`server.list.${field}`)}
            description={t(`server.listHint.${field}`)}
            value={form[field]}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setForm({ ...form, [field]: event.currentTarget.value })}
          />
        ))}
        {add.error !== null && <FaultCard error={add.error} />}
        <div>
          <Button
            type="submit"
            loading={add.busy}
            disabled={form.name.trim() === "" || form.address.trim() === ""}
          >
            {t("server.listAdd")}
          </Button>
        </div>
      </form>
    </Card>
  );
};
