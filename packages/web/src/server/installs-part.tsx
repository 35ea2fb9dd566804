import { useCall } from "../app/calls.ts";
import { Asked, Card, Section } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import { type InstallPolicy, type SetInstallPolicy, useSetInstallPolicy } from "./install-policy.ts";
import { PolicySwitch } from "./policy-switch.tsx";
import { SignatureRules } from "./signature-rules.tsx";
import { VersionAges } from "./version-ages.tsx";

const types = ["metadata", "download", "login", "script"] as const;
const runtimes = ["deno", "perl"] as const;

interface RulesProps {
  policy: InstallPolicy;
  set: SetInstallPolicy;
}

/** The list after one of its values was switched; null where all are on. */
const switched = <T extends string>(all: readonly T[], now: readonly T[] | null, one: T): T[] | null => {
  const on = all.filter((value) => (now === null || now.includes(value)) !== (value === one));
  return on.length === all.length ? null : on;
};

/** The registries that plugins may come from: all, also those that are added later, or some. */
const AllowedRegistries = ({ policy, set }: RulesProps) => {
  const { t } = useTexts();
  const registries = useCall("listRegistries", {}).data?.registries ?? [];
  const ids = policy.registries?.map(({ id }) => id) ?? null;
  const before = { registries: ids };
  return (
    <>
      <li>
        <PolicySwitch
          title={t("server.anyRegistry")}
          about={t("server.anyRegistryAbout")}
          checked={ids === null}
          onChange={(on) => void set({ registries: on ? null : registries.map(({ id }) => id) }, before)}
        />
      </li>
      {ids !== null &&
        registries.map(({ id, name }) => (
          <li key={id}>
            <PolicySwitch
              title={t("server.fromRegistry", { name })}
              checked={ids.includes(id)}
              onChange={(on) =>
                void set({ registries: on ? [...ids, id] : ids.filter((one) => one !== id) }, before)
              }
            />
          </li>
        ))}
    </>
  );
};

/** Where plugins may come from, and which kinds of them. What is installed already stays. */
const WhatMayCome = (props: RulesProps) => {
  const { policy, set } = props;
  const { t } = useTexts();
  const { types: someTypes, runtimes: someRuntimes, unsigned, sideloaded } = policy;
  return (
    <>
      <Section title={t("server.whence")} about={t("server.whenceAbout")}>
        <Card>
          <ul>
            <AllowedRegistries {...props} />
            <li>
              <PolicySwitch
                title={t("server.unsigned")}
                about={t("server.unsignedAbout")}
                checked={unsigned}
                onChange={(on) => void set({ unsigned: on }, { unsigned })}
              />
            </li>
            <li>
              <PolicySwitch
                title={t("server.sideloaded")}
                checked={sideloaded}
                onChange={(on) => void set({ sideloaded: on }, { sideloaded })}
              />
            </li>
          </ul>
        </Card>
      </Section>
      <Section title={t("server.kinds")} about={t("server.kindsAbout")}>
        <Card>
          <ul>
            {types.map((type) => (
              <li key={type}>
                <PolicySwitch
                  title={t(`plugins.type.${type}`)}
                  about={t(`plugins.typeAbout.${type}`)}
                  checked={someTypes === null || someTypes.includes(type)}
                  onChange={() => void set({ types: switched(types, someTypes, type) }, { types: someTypes })}
                />
              </li>
            ))}
            {runtimes.map((runtime) => (
              <li key={runtime}>
                <PolicySwitch
                  title={t(`server.runtime.${runtime}`)}
                  checked={someRuntimes === null || someRuntimes.includes(runtime)}
                  onChange={() =>
                    void set(
                      { runtimes: switched(runtimes, someRuntimes, runtime) },
                      { runtimes: someRuntimes },
                    )
                  }
                />
              </li>
            ))}
          </ul>
        </Card>
      </Section>
    </>
  );
};

/** What may be installed, from where, and how long versions wait. */
const InstallsPart = () => {
  const asked = useCall("getInstallPolicy", {});
  const set = useSetInstallPolicy();
  return (
    <>
      <Asked of={asked}>
        {(policy) => (
          <>
            <VersionAges policy={policy} set={set} />
            <WhatMayCome policy={policy} set={set} />
          </>
        )}
      </Asked>
      <SignatureRules />
    </>
  );
};

export default InstallsPart;
