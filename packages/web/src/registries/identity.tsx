import type { RegistryIdentity } from "@hitagi/contract";
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { Chip } from "../design/chip.tsx";
import { useTexts } from "../texts/texts.ts";
import { type FingerprintVerdict, verdictOn } from "./fingerprint.ts";
import classes from "./identity.module.css";

type Shown = Pick<RegistryIdentity, "fingerprint" | "words"> & { origin?: string | undefined };

/** Whose keys a registry has: its own name, the fingerprint and its twelve words. */
export const Identity = ({ identity: { origin, fingerprint, words } }: { identity: Shown }) => {
  const { t } = useTexts();
  return (
    <dl className={classes.identity}>
      {origin && (
        <div>
          <dt>{t("registries.origin")}</dt>
          <dd>{origin}</dd>
        </div>
      )}
      <div>
        <dt>{t("registries.words")}</dt>
        <dd>
          <ol className={classes.words} lang="en" translate="no">
            {words.split(" ").map((word, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a word may come twice, and none ever moves
              <li key={n}>{word}</li>
            ))}
          </ol>
        </dd>
      </div>
      <div>
        <dt>{t("registries.fingerprint")}</dt>
        <dd>
          <code className={classes.hex}>{fingerprint}</code>
        </dd>
      </div>
    </dl>
  );
};

const tones = { same: "good", other: "bad", incomplete: "plain" } as const;

interface CompareFingerprintProps {
  identity: Shown;
  /** What the address named after `#key=`. */
  named?: string | undefined;
  onVerdict?: (verdict: FingerprintVerdict) => void;
}

/** Compares a shown fingerprint with what its keeper published. */
export const CompareFingerprint = ({ identity, named, onVerdict }: CompareFingerprintProps) => {
  const { t } = useTexts();
  const [typed, setTyped] = useState(named ?? "");
  const verdict = verdictOn(typed, identity);
  return (
    <div className={classes.compare}>
      <TextInput
        label={t("registries.published")}
        description={t("registries.publishedHint")}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          onVerdict?.(verdictOn(event.currentTarget.value, identity));
        }}
      />
      <p role="status">
        {verdict !== "none" && <Chip tone={tones[verdict]}>{t(`registries.verdict.${verdict}`)}</Chip>}
      </p>
    </div>
  );
};
