import "../design/choices.css";
import type { ChainConditions, ShownChainStep } from "@hitagi/contract";
import { Button, Checkbox } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { TagsField } from "../library/tags-field.tsx";
import { useTexts } from "../texts/texts.ts";
import { listedConditions } from "./chain-words.ts";
import classes from "./plugins.module.css";

interface ChainConditionsFormProps {
  step: ShownChainStep;
  busy: boolean;
  onSave: (change: Pick<ShownChainStep, "when" | "ends_on_hit">) => void;
  onEnd: () => void;
}

/** When a step of the chain runs, with a control for each condition, and whether it ends the chain. */
const ChainConditionsForm = ({ step, busy, onSave, onEnd }: ChainConditionsFormProps) => {
  const { t } = useTexts();
  const [when, setWhen] = useState<ChainConditions>(step.when);
  const [endsOnHit, setEndsOnHit] = useState(step.ends_on_hit);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // A condition without values would never hold.
    const set = Object.entries(when).filter(([, value]) => value === true || value.length > 0);
    onSave({ when: Object.fromEntries(set), ends_on_hit: endsOnHit });
  };
  return (
    <form
      className={classes.conditions}
      onSubmit={submit}
      aria-label={t("plugins.conditionsOf", { name: step.name })}
    >
      <Checkbox
        label={t("plugins.condition.nothing_found")}
        checked={when.nothing_found === true}
        onChange={({ currentTarget: { checked } }) => {
          const { nothing_found: _, ...others } = when;
          setWhen(checked ? { ...others, nothing_found: true } : others);
        }}
      />
      {listedConditions.map((name) => (
        <TagsField
          key={name}
          label={t(`plugins.condition.${name}`)}
          description={t(`plugins.conditionHint.${name}`)}
          value={when[name] ?? []}
          onChange={(values) => setWhen((before) => ({ ...before, [name]: values }))}
        />
      ))}
      <Checkbox
        label={t("plugins.condition.ends")}
        checked={endsOnHit}
        onChange={({ currentTarget: { checked } }) => setEndsOnHit(checked)}
      />
      <div className={classes.buttons}>
        <Button variant="default" onClick={onEnd}>
          {t("app.cancel")}
        </Button>
        <Button type="submit" loading={busy}>
          {t("plugins.save")}
        </Button>
      </div>
    </form>
  );
};

export default ChainConditionsForm;
