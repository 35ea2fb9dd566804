import { Button } from "@mantine/core";
import { useState } from "react";
import { useChange } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { useConfirm } from "../design/confirm.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Notice } from "../design/notice.tsx";
import { Card, Section } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import type { FingerprintVerdict } from "./fingerprint.ts";
import { CompareFingerprint, Identity } from "./identity.tsx";
import classes from "./registries.module.css";
import type { Registry } from "./registry-words.ts";

type Keys = Pick<CallOutput<"readRegistryKeys">, "pinned" | "found">;

const Side = ({ title, identity }: { title: string; identity: Keys["found"] }) => {
  const { t } = useTexts();
  return (
    <div className={classes.side}>
      <h3>{title}</h3>
      {identity ? <Identity identity={identity} /> : <p className={classes.soft}>{t("registries.noKey")}</p>}
    </div>
  );
};

/** Both keys, and the button that takes the shown one, or none, after a question. */
const Decision = ({ registry, keys, onEnd }: { registry: Registry; keys: Keys; onEnd: () => void }) => {
  const { t } = useTexts();
  const confirm = useConfirm();
  const trust = useChange("trustRegistry", { showsError: true });
  const [verdict, setVerdict] = useState<FingerprintVerdict>("none");
  const { id, name } = registry;
  const { pinned, found } = keys;
  const decide = async () => {
    const kind = found === null ? "unsigned" : "key";
    const yes = await confirm({
      title: t(`registries.trust.title.${kind}`, { name }),
      consequence: t(`registries.trust.consequence.${kind}`),
      action: t(`registries.trust.${kind}`),
    });
    const body = { fingerprint: found?.fingerprint ?? null };
    const done = t(`registries.trusted.${kind}`, { name });
    if (yes && (await trust.run({ params: { id }, body }, { done }))) onEnd();
  };
  if (found?.fingerprint === pinned?.fingerprint)
    return <Notice tone="good" text={t(found === null ? "registries.neitherKey" : "registries.sameKey")} />;
  return (
    <>
      <div className={classes.sides}>
        <Side title={t("registries.pinnedKey")} identity={pinned} />
        <Side title={t("registries.shownKey")} identity={found} />
      </div>
      {found && <CompareFingerprint identity={found} onVerdict={setVerdict} />}
      {trust.error !== null && <FaultCard error={trust.error} />}
      <div className={classes.buttons}>
        <Button
          color="red"
          variant="light"
          loading={trust.busy}
          disabled={verdict === "other"}
          onClick={() => void decide()}
        >
          {t(found === null ? "registries.trust.unsigned" : "registries.trust.key")}
        </Button>
      </div>
    </>
  );
};

/** The key that a registry is pinned to, beside the one that its address shows now. */
export const RegistryKeys = ({ registry }: { registry: Registry }) => {
  const { t } = useTexts();
  const read = useChange("readRegistryKeys", { showsError: true });
  const [keys, setKeys] = useState<Keys | null>(null);
  const look = async () => {
    const answer = await read.run({ params: { id: registry.id } });
    if (answer) setKeys(answer);
  };
  return (
    <Section title={t("registries.keys")} about={t("registries.keysAbout")}>
      <Card padded>
        <div className={classes.form} id="keys">
          {keys && <Decision registry={registry} keys={keys} onEnd={() => setKeys(null)} />}
          {read.error !== null && <FaultCard error={read.error} />}
          <div className={classes.buttons}>
            <Button variant="default" loading={read.busy} onClick={() => void look()}>
              {t("registries.compareKeys")}
            </Button>
          </div>
        </div>
      </Card>
    </Section>
  );
};
