import { fieldRules, type InstalledPlugin } from "@hitagi/contract";
import { NativeSelect } from "@mantine/core";
import { useCall, useChange } from "../app/calls.ts";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";

const fields = ["title", "summary", "tags"] as const;

/** Which fields of archives the plugin may set: its own rules, and what holds where it has none. */
export const PolicyPart = ({ plugin: { namespace, name } }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const asked = useCall("getFieldPolicy", {});
  const change = useChange("updateFieldPolicy");
  return (
    <Asked of={asked}>
      {({ rules }) => {
        const ruleOf = (plugin: string | null, field: string) =>
          rules.find((one) => one.plugin === plugin && one.field === field)?.rule;
        const set = (field: string, rule: string | null) =>
          change.run({ body: { rules: [{ plugin: namespace, field, rule: (rule || null) as never }] } });
        const others = rules.filter(
          ({ plugin, field }) => (plugin === namespace || plugin === null) && field.startsWith("tags:"),
        );
        return (
          <Section title={t("plugins.part.policy")} about={t("plugins.policyAbout", { name })}>
            <Card>
              <ul>
                {fields.map((field) => {
                  const own = ruleOf(namespace, field);
                  const common = ruleOf(null, field) ?? "always";
                  return (
                    <li key={field}>
                      <Row
                        title={t(`plugins.field.${field}`)}
                        actions={
                          <NativeSelect
                            aria-label={t(`plugins.field.${field}`)}
                            value={own ?? ""}
                            disabled={!mayManage}
                            data={[
                              {
                                value: "",
                                label: t("plugins.ruleCommon", { rule: t(`plugins.rule.${common}`) }),
                              },
                              ...fieldRules.map((value) => ({ value, label: t(`plugins.rule.${value}`) })),
                            ]}
                            onChange={(event) => void set(field, event.currentTarget.value)}
                          />
                        }
                      />
                    </li>
                  );
                })}
                {others.map(({ field, plugin, rule }) => (
                  <li key={`${plugin} ${field}`}>
                    <Row
                      title={t("plugins.field.tagsOf", { name: field.slice("tags:".length) })}
                      about={plugin === null ? t("plugins.ruleOfAll") : undefined}
                      facts={t(`plugins.rule.${rule}`)}
                    />
                  </li>
                ))}
              </ul>
            </Card>
          </Section>
        );
      }}
    </Asked>
  );
};
