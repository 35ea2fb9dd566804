import { fieldRules } from "@hitagi/contract";
import { NativeSelect, Switch } from "@mantine/core";
import { useCall, useChange } from "../app/calls.ts";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { usePluginName } from "../plugins/use-plugin-name.ts";
import { useTexts } from "../texts/texts.ts";

const fields = ["title", "summary", "tags"] as const;

const FieldRules = () => {
  const { t } = useTexts();
  const asked = useCall("getFieldPolicy", {});
  const change = useChange("updateFieldPolicy");
  return (
    <Section title={t("server.fields")} about={t("server.fieldsAbout")}>
      <Asked of={asked}>
        {({ rules }) => (
          <Card>
            <ul>
              {fields.map((field) => {
                const value =
                  rules.find((one) => one.plugin === null && one.field === field)?.rule ?? "always";
                return (
                  <li key={field}>
                    <Row
                      title={t(`plugins.field.${field}`)}
                      actions={
                        <NativeSelect
                          aria-label={t(`plugins.field.${field}`)}
                          value={value}
                          data={fieldRules.map((rule) => ({ value: rule, label: t(`plugins.rule.${rule}`) }))}
                          onChange={(event) => {
                            const rule = event.currentTarget.value as typeof value;
                            const set = (next: typeof value) =>
                              change.run({ body: { rules: [{ plugin: null, field, rule: next }] } });
                            void change.run(
                              { body: { rules: [{ plugin: null, field, rule }] } },
                              { done: t("server.policySaved"), undo: () => set(value) },
                            );
                          }}
                        />
                      }
                    />
                  </li>
                );
              })}
            </ul>
          </Card>
        )}
      </Asked>
    </Section>
  );
};

const AutomaticUpdates = () => {
  const { t } = useTexts();
  const nameOf = usePluginName();
  const asked = useCall("getUpdatePolicy", {});
  const change = useChange("changeUpdatePolicy");
  return (
    <Section title={t("server.automatic")} about={t("server.automaticAbout")}>
      <Asked of={asked}>
        {({ all, plugins, window }) => (
          <Card>
            <ul>
              <li>
                <Row
                  title={t("server.automaticAll")}
                  about={
                    window && t("server.window", { from: window.from, to: window.to, zone: window.zone })
                  }
                  actions={
                    <Switch
                      checked={all}
                      aria-label={t("server.automaticAll")}
                      onChange={() => void change.run({ body: { all: !all } })}
                    />
                  }
                />
              </li>
              {plugins.map(({ namespace, registryName, automatic, by }) => (
                <li key={namespace}>
                  <Row
                    title={nameOf(namespace)}
                    about={`${registryName} · ${t(`server.by.${by}`)}`}
                    actions={
                      <Switch
                        checked={automatic}
                        aria-label={t("server.automaticOf", { name: nameOf(namespace) })}
                        onChange={() => void change.run({ body: { plugins: { [namespace]: !automatic } } })}
                      />
                    }
                  />
                </li>
              ))}
            </ul>
          </Card>
        )}
      </Asked>
    </Section>
  );
};

/** What plugins may write, and which update themselves. */
const PolicyPart = () => (
  <>
    <FieldRules />
    <AutomaticUpdates />
  </>
);

export default PolicyPart;
