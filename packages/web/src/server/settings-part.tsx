import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useCall } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { hasText, useTexts } from "../texts/texts.ts";
import classes from "./server.module.css";
import { groupOf, groups, variableOf } from "./setting-groups.ts";

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : String(value));

/** The settings that the server runs with, and which are not the defaults. They come from its environment, so that the page shows and finds them. */
const SettingsPart = () => {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const asked = useCall("getServerSettings", {});
  /** The words of a setting; one of a newer server has its variable alone. */
  const wordOf = (id: string, otherwise: string): string => (hasText(id) ? t(id) : otherwise);
  const titleOf = (name: string): string => wordOf(`server.setting.${name}`, variableOf(name));
  const aboutOf = (name: string): string => wordOf(`server.settingAbout.${name}`, "");
  return (
    <Section title={t("server.part.settings")} about={t("server.settingsAbout")}>
      <TextInput
        label={t("server.findSetting")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Asked of={asked}>
        {({ settings, secrets, changed }) => {
          const all = [
            ...Object.entries(settings).map(([name, value]) => ({
              name,
              value: shown(value),
              secret: false,
            })),
            ...secrets.map((name) => ({ name, value: "", secret: true })),
          ];
          const q = text.trim().toLowerCase();
          const found = all.filter(({ name, value }) =>
            [titleOf(name), aboutOf(name), variableOf(name), value].join(" ").toLowerCase().includes(q),
          );
          return groups
            .map((group) => ({ group, rows: found.filter(({ name }) => groupOf(name) === group) }))
            .filter(({ rows }) => rows.length > 0)
            .map(({ group, rows }) => (
              <Section key={group} title={t(`server.group.${group}`)}>
                <Card>
                  <ul>
                    {rows.map(({ name, value, secret }) => (
                      <li key={name}>
                        <Row
                          title={titleOf(name)}
                          about={
                            <>
                              {aboutOf(name)} <code className={classes.variable}>{variableOf(name)}</code>
                            </>
                          }
                          facts={
                            secret ? (
                              <Chip>{t("server.secretSet")}</Chip>
                            ) : (
                              <>
                                {value === "" ? <span>{t("server.notSet")}</span> : <code>{value}</code>}
                                <Chip tone={changed.includes(name) ? "accent" : "plain"}>
                                  {t(
                                    changed.includes(name)
                                      ? "server.settingChanged"
                                      : "server.settingDefault",
                                  )}
                                </Chip>
                              </>
                            )
                          }
                        />
                      </li>
                    ))}
                  </ul>
                </Card>
              </Section>
            ));
        }}
      </Asked>
    </Section>
  );
};

export default SettingsPart;
