import { ApiError } from "@hitagi/contract";
import type { CallOutput } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Notice, Reports } from "../design/notice.tsx";
import { useTexts } from "../texts/texts.ts";
import { CompareFingerprint, Identity } from "./identity.tsx";
import classes from "./registries.module.css";
import { addressOf } from "./registry-words.ts";

export type Found = CallOutput<"testRegistry">["found"];

/** Whose keys the registry at the address has, and the field to compare them with. */
const FoundKeys = ({ found: { identity, key }, onOther }: FoundRegistryProps) => {
  const { t } = useTexts();
  if (identity)
    return (
      <>
        <Identity identity={identity} />
        <CompareFingerprint
          key={identity.fingerprint}
          identity={identity}
          named={key}
          onVerdict={(verdict) => onOther(verdict === "other")}
        />
      </>
    );
  return key === undefined ? (
    <p className={classes.soft}>{t("registries.notSigned")}</p>
  ) : (
    <Notice tone="bad" text={t("registries.keyWithoutHead")} />
  );
};

interface FoundRegistryProps {
  found: Found;
  /** Says whether the keys are other ones than those that the owner entered. */
  onOther: (isOther: boolean) => void;
}

/** What a test of an address found: a registry with its keys, or what is wrong with it. */
export const FoundRegistry = ({ found, onOther }: FoundRegistryProps) => {
  const { t } = useTexts();
  const { usable, plugins, files, generateIndex, failure, wants, provider, warnings = [] } = found;
  const { faults = [], faultCount = 0 } = found;
  return (
    <div className={classes.found}>
      <div className={classes.head} role="status">
        <Chip tone={usable ? "good" : "warn"}>
          {t(usable ? "registries.test.good" : "registries.test.bad")}
        </Chip>
        <span className={classes.address}>
          {provider} · {addressOf(found)}
        </span>
      </div>
      {plugins !== undefined && <span>{t("registries.plugins", { count: plugins })}</span>}
      {generateIndex && <span>{t("registries.test.noIndex", { count: files ?? 0 })}</span>}
      {wants && <span>{t("registries.test.wants")}</span>}
      <Reports warnings={warnings} />
      {(usable || found.identity) && <FoundKeys found={found} onOther={onOther} />}
      {failure && <FaultCard error={new ApiError(502, failure)} cure={<span />} />}
      {faultCount > 0 && (
        <ul className={classes.faults}>
          {faults.slice(0, 20).map(({ path, reason }) => (
            <li key={`${path} ${reason}`}>
              <code>{path}</code> {reason}
            </li>
          ))}
          {faultCount > 20 && <li>{t("registries.moreFaults", { count: faultCount - 20 })}</li>}
        </ul>
      )}
    </div>
  );
};
