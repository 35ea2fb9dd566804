import { Button } from "@mantine/core";
import { useChange } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { Notice } from "../design/notice.tsx";
import { Card, Section } from "../design/page.tsx";
import { When } from "../design/when.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { FollowButton } from "./follow-button.tsx";
import { Identity } from "./identity.tsx";
import classes from "./registries.module.css";
import { stateTones } from "./registry-trust.tsx";
import type { Registry } from "./registry-words.ts";

type Trust = NonNullable<Registry["trust"]>;

/** Leaves a registry where it is, so that its move is not offered again. */
const StayButton = ({ id, name, address }: { id: string; name: string; address: string }) => {
  const { t } = useTexts();
  const move = useChange("moveRegistry");
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={move.busy}
      onClick={() =>
        void move.run(
          { params: { id }, body: { address, follow: false } },
          { done: t("registries.stayed", { name }) },
        )
      }
    >
      {t("registries.stay")}
    </Button>
  );
};

/** Ends the days in which other keys are taken of a registry that began to sign. */
const MakeFirm = ({ id, name, fingerprint }: { id: string; name: string; fingerprint: string }) => {
  const { t } = useTexts();
  const trust = useChange("trustRegistry");
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={trust.busy}
      onClick={() =>
        void trust.run({ params: { id }, body: { fingerprint } }, { done: t("registries.firmNow", { name }) })
      }
    >
      {t("registries.makeFirm")}
    </Button>
  );
};

const Warnings = ({ registry, trust }: { registry: Registry; trust: Trust }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const { id, name } = registry;
  const { fingerprint, movedTo } = trust;
  const action = (code: Trust["warnings"][number]["code"]) => {
    if (!mayManage) return undefined;
    if (code === "REGISTRY_MOVED" && movedTo)
      return (
        <div className={classes.buttons}>
          <FollowButton registry={registry} address={movedTo} />
          <StayButton id={id} name={name} address={movedTo} />
        </div>
      );
    if (code === "PIN_PROVISIONAL" && fingerprint)
      return <MakeFirm id={id} name={name} fingerprint={fingerprint} />;
    return undefined;
  };
  return trust.warnings.map(({ code }) => (
    <Notice
      key={code}
      tone={code === "PIN_PROVISIONAL" || code === "EPOCH_NEW" ? "info" : "warn"}
      text={t(`registries.warning.${code}`, { address: movedTo ?? "" })}
      action={action(code)}
    />
  ));
};

/** The accepted head of a registry, whose keys it has, and what its owner should know. */
export const RegistryHead = ({ registry }: { registry: Registry }) => {
  const { t } = useTexts();
  const { trust } = registry;
  if (!trust) return null;
  const { state, origin, fingerprint, words, epoch, sequence, signed, accepted, epochSince, renew } = trust;
  const times = [
    ["signedAt", signed],
    ["acceptedAt", accepted],
    ["epochSince", epochSince],
    ["renewBy", renew],
  ] as const;
  return (
    <Section title={t("registries.signature")}>
      <Card padded>
        <div className={classes.stack}>
          <div className={classes.head}>
            <Chip tone={stateTones[state]}>{t(`registries.state.${state}`)}</Chip>
            <span className={classes.soft}>{t(`registries.stateAbout.${state}`)}</span>
          </div>
          {fingerprint && words && <Identity identity={{ fingerprint, words, origin }} />}
          {epoch !== undefined && sequence !== undefined && (
            <dl className={classes.dl}>
              <dt>{t("registries.head")}</dt>
              <dd>{t("registries.headOf", { epoch, sequence })}</dd>
              {times.map(
                ([name, at]) =>
                  at !== undefined && (
                    <div key={name} className={classes.pair}>
                      <dt>{t(`registries.${name}`)}</dt>
                      <dd>
                        <When at={at} />
                      </dd>
                    </div>
                  ),
              )}
            </dl>
          )}
        </div>
      </Card>
      <Warnings registry={registry} trust={trust} />
    </Section>
  );
};
