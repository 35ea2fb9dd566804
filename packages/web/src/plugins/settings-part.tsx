import type { InstalledPlugin, ParameterValue, Setting } from "@hitagi/contract";
import { Button, PasswordInput, Switch, TextInput } from "@mantine/core";
import { SlidersHorizontal } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import { Empty } from "../design/empty.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Asked, Card } from "../design/page.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./plugin.module.css";

type Typed = Record<string, ParameterValue | null>;

interface FieldProps {
  setting: Setting;
  /** What was typed and not saved; undefined for nothing, null for the default. */
  typed: ParameterValue | null | undefined;
  onType: (value: ParameterValue | null) => void;
  disabled: boolean;
}

const Field = ({ setting, typed, onType, disabled }: FieldProps) => {
  const { t } = useTexts();
  const { name, type, desc, default_value } = setting;
  const value = typed === undefined ? setting.value : (typed ?? default_value);
  const common = { label: name, description: desc, disabled, name };
  if (type === "bool") {
    return (
      <Switch
        {...common}
        checked={value === true}
        onChange={(event) => onType(event.currentTarget.checked)}
      />
    );
  }
  if (type === "int") {
    return (
      <TextInput
        {...common}
        type="number"
        step={Number.isInteger(default_value ?? 0) ? 1 : "any"}
        value={typeof value === "number" ? value : ""}
        onChange={({ currentTarget }) => {
          const next = currentTarget.valueAsNumber;
          onType(Number.isNaN(next) ? null : next);
        }}
      />
    );
  }
  if (type === "secret") {
    return (
      <PasswordInput
        {...common}
        autoComplete="off"
        value={typeof typed === "string" ? typed : ""}
        placeholder={setting.set ? t("plugins.secretSet") : t("plugins.secretNotSet")}
        onChange={(event) => onType(event.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": t("session.showKey") }}
      />
    );
  }
  return (
    <TextInput
      {...common}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onType(event.currentTarget.value)}
    />
  );
};

const SettingsForm = ({ plugin, settings }: { plugin: InstalledPlugin; settings: Setting[] }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const put = useChange("putSettings", { showsError: true });
  const [typed, setTyped] = useState<Typed>({});
  const { namespace, name } = plugin;
  const changed = Object.keys(typed).length;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    // Secrets are not read back, so that only the others can be restored.
    const before = Object.fromEntries(
      settings
        .filter((one) => one.type !== "secret" && one.name in typed)
        .map((one): [string, ParameterValue | null] => [one.name, one.set ? (one.value ?? null) : null]),
    );
    const canUndo = Object.keys(before).length > 0;
    const answer = await put.run(
      { params: { namespace }, body: typed },
      {
        done: t("plugins.saved", { name }),
        ...(canUndo && { undo: () => put.run({ params: { namespace }, body: before }) }),
      },
    );
    if (answer) setTyped({});
  };
  const resettable = settings.filter((one) => one.set && typed[one.name] !== null);
  return (
    <Card padded>
      <form className={classes.form} onSubmit={(event) => void save(event)}>
        {settings.map((setting) => (
          <Field
            key={setting.name}
            setting={setting}
            typed={typed[setting.name]}
            onType={(value) => setTyped((before) => ({ ...before, [setting.name]: value }))}
            disabled={!mayManage}
          />
        ))}
        {put.error && <FaultCard error={put.error} />}
        {mayManage && (
          <div className={classes.buttons}>
            <Button type="submit" loading={put.busy} disabled={changed === 0}>
              {t("plugins.save")}
            </Button>
            {changed > 0 && (
              <Button variant="default" onClick={() => setTyped({})}>
                {t("plugins.discard")}
              </Button>
            )}
            {changed === 0 && resettable.length > 0 && (
              <Button
                variant="subtle"
                onClick={() => setTyped(Object.fromEntries(resettable.map((one) => [one.name, null])))}
              >
                {t("plugins.defaults")}
              </Button>
            )}
          </div>
        )}
      </form>
    </Card>
  );
};

/** The plugin's settings as a form of their types. What is typed stays until it is saved, also while the server is away. */
export const SettingsPart = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const asked = useCall("getSettings", { params: { namespace: plugin.namespace } });
  return (
    <Asked of={asked}>
      {({ settings }) =>
        settings.length === 0 ? (
          <Empty icon={SlidersHorizontal} title={t("plugins.noSettings")} />
        ) : (
          <SettingsForm plugin={plugin} settings={settings} />
        )
      }
    </Asked>
  );
};
