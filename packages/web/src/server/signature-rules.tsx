import { useCall, useChange } from "../app/calls.ts";
import { type CallInput, client } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import { PolicySwitch } from "./policy-switch.tsx";

type Rules = CallInput<"updateSignaturePolicy">["body"];

/** Which registries must be signed, and whether other servers may ask for accepted heads. */
export const SignatureRules = () => {
  const { t } = useTexts();
  const asked = useCall("getSignaturePolicy", {});
  const registries = useCall("listRegistries", {}).data?.registries ?? [];
  const change = useChange("updateSignaturePolicy");
  const set = (body: Rules, before: Rules) =>
    void change.run(
      { body },
      { done: t("server.policySaved"), undo: () => client.updateSignaturePolicy({ body: before }) },
    );
  return (
    <Section title={t("server.signatures")} about={t("server.signaturesAbout")}>
      <Asked of={asked}>
        {({ requireAll = false, registries: some = [], exceptions = [], answerHeads = false }) => {
          const toggled = (ids: readonly string[], id: string) =>
            ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
          return (
            <Card>
              <ul>
                <li>
                  <PolicySwitch
                    title={t("server.requireAll")}
                    checked={requireAll}
                    onChange={(on) => set({ requireAll: on }, { requireAll })}
                  />
                </li>
                {registries.map(({ id, name, trust }) => (
                  <li key={id}>
                    <PolicySwitch
                      title={t("server.requireOne", { name })}
                      about={
                        <Chip tone={trust?.sequence === undefined ? "plain" : "good"}>
                          {t(`registries.state.${trust?.state ?? "unsigned"}`)}
                        </Chip>
                      }
                      checked={some.includes(id) || (requireAll && !exceptions.includes(id))}
                      onChange={(on) =>
                        set(
                          {
                            registries:
                              on && !requireAll ? toggled(some, id) : some.filter((one) => one !== id),
                            exceptions: requireAll ? toggled(exceptions, id) : exceptions,
                          },
                          { registries: some, exceptions },
                        )
                      }
                    />
                  </li>
                ))}
                <li>
                  <PolicySwitch
                    title={t("server.answerHeads")}
                    about={t("server.answerHeadsAbout")}
                    checked={answerHeads}
                    onChange={(on) => set({ answerHeads: on }, { answerHeads })}
                  />
                </li>
              </ul>
            </Card>
          );
        }}
      </Asked>
    </Section>
  );
};
