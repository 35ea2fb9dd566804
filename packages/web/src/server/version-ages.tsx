import { Button, NativeSelect } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useCall } from "../app/calls.ts";
import { Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { useTexts } from "../texts/texts.ts";
import { HoursSelect } from "./hours-select.tsx";
import type { InstallPolicy, SetInstallPolicy } from "./install-policy.ts";
import { PolicySwitch } from "./policy-switch.tsx";
import classes from "./server.module.css";

interface AgesProps {
  policy: InstallPolicy;
  set: SetInstallPolicy;
}

/** Gives a plugin or a registry a time of its own. */
const AddException = ({ policy: { age }, set }: AgesProps) => {
  const { t } = useTexts();
  const plugins = useCall("listInstalled", {}).data?.plugins ?? [];
  const registries = useCall("listRegistries", {}).data?.registries ?? [];
  const [chosen, setChosen] = useState("");
  const [hours, setHours] = useState(0);
  const taken = new Set(age.exceptions.map(({ kind, id }) => `${kind} ${id}`));
  const choices = [
    ...registries.map(({ id, name }) => ({
      value: `registry ${id}`,
      label: t("server.ageOfRegistry", { name }),
    })),
    ...plugins
      .filter(({ registry }) => registry !== null)
      .map(({ namespace, name }) => ({ value: `plugin ${namespace}`, label: name })),
  ].filter(({ value }) => !taken.has(value));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [kind, id = ""] = chosen.split(" ");
    const group = kind === "plugin" ? "plugins" : "registries";
    void set({ age: { [group]: { [id]: hours } } }, { age: { [group]: { [id]: null } } });
    setChosen("");
  };
  if (choices.length === 0) return null;
  return (
    <form className={classes.line} onSubmit={submit}>
      <NativeSelect
        aria-label={t("server.ageFor")}
        value={chosen}
        onChange={(event) => setChosen(event.currentTarget.value)}
        data={[{ value: "", label: t("server.ageFor") }, ...choices]}
      />
      <HoursSelect label={t("server.ageHours")} value={hours} onChange={setHours} />
      <Button type="submit" variant="default" disabled={chosen === ""}>
        {t("server.ageAdd")}
      </Button>
    </form>
  );
};

/** How long a version must be known before an update takes it, and for which plugins and registries another time holds. */
export const VersionAges = (props: AgesProps) => {
  const { policy, set } = props;
  const { t } = useTexts();
  const { hours, manual, exceptions } = policy.age;
  return (
    <Section title={t("server.age")} about={t("server.ageAbout")}>
      <Card>
        <ul>
          <li>
            <Row
              title={t("server.ageAll")}
              actions={
                <HoursSelect
                  label={t("server.ageAll")}
                  value={hours}
                  onChange={(next) => void set({ age: { hours: next } }, { age: { hours } })}
                />
              }
            />
          </li>
          <li>
            <PolicySwitch
              title={t("server.ageManual")}
              about={t("server.ageManualAbout")}
              checked={manual}
              onChange={(on) => void set({ age: { manual: on } }, { age: { manual } })}
            />
          </li>
          {exceptions.map(({ kind, id, name, hours: own }) => {
            const group = kind === "plugin" ? "plugins" : "registries";
            const before = { age: { [group]: { [id]: own } } };
            return (
              <li key={`${kind} ${id}`}>
                <Row
                  title={kind === "plugin" ? name : t("server.ageOfRegistry", { name })}
                  actions={
                    <>
                      <HoursSelect
                        label={t("server.ageOf", { name })}
                        value={own}
                        onChange={(next) => void set({ age: { [group]: { [id]: next } } }, before)}
                      />
                      <Button
                        variant="subtle"
                        size="compact-sm"
                        aria-label={t("server.ageRemoveOf", { name })}
                        onClick={() => void set({ age: { [group]: { [id]: null } } }, before)}
                      >
                        {t("server.drop")}
                      </Button>
                    </>
                  }
                />
              </li>
            );
          })}
        </ul>
      </Card>
      <AddException {...props} />
    </Section>
  );
};
