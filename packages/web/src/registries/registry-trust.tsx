import { Link } from "@tanstack/react-router";
import { Chip, type Tone } from "../design/chip.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./registries.module.css";
import type { Registry } from "./registry-words.ts";

type State = NonNullable<Registry["trust"]>["state"];

export const stateTones: Record<State, Tone> = {
  signed: "good",
  provisional: "info",
  pinned: "info",
  unsigned: "plain",
};

/** Whether a registry is signed, its accepted head and how old that is, and how many warnings there are. */
export const TrustFacts = ({ registry: { id, trust } }: { registry: Registry }) => {
  const { t } = useTexts();
  if (!trust) return null;
  const { state, epoch, sequence, signed, warnings, evidence } = trust;
  return (
    <div className={classes.facts}>
      <Chip tone={stateTones[state]}>{t(`registries.state.${state}`)}</Chip>
      {epoch !== undefined && sequence !== undefined && (
        <span>{t("registries.headOf", { epoch, sequence })}</span>
      )}
      {signed !== undefined && <When at={signed} />}
      {warnings.length > 0 && (
        <Link to="/registries/$id" params={{ id }}>
          {t("registries.warnings", { count: warnings.length })}
        </Link>
      )}
      {evidence > 0 && <Chip tone="bad">{t("registries.contradictions", { count: evidence })}</Chip>}
    </div>
  );
};
