import type { HeadEvidence } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { useCall } from "../app/calls.ts";
import { saveFile } from "../app/save-file.ts";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import type { Registry } from "./registry-words.ts";

/** The notes, byte for byte, between lines that say what they are; the same text as that of `hitagi registry evidence`. */
const evidenceText = (evidence: readonly HeadEvidence[]): string =>
  evidence
    .map(
      ({ code, found, accepted, other }) =>
        `# ${code}, found ${new Date(found * 1000).toISOString()}. Each head below is a signed note: docs/spec-head.md.\n# the accepted head\n${accepted}# the other head\n${other}`,
    )
    .join("");

/** The signed heads of a registry that contradict each other, and the file with them for its keeper. */
export const Evidence = ({ registry: { id } }: { registry: Registry }) => {
  const { t } = useTexts();
  const asked = useCall("listEvidence", { params: { id } });
  return (
    <Section
      title={t("registries.evidence")}
      about={t("registries.evidenceAbout")}
      actions={
        asked.data &&
        asked.data.evidence.length > 0 && (
          <Button
            variant="default"
            onClick={() => {
              const text = new Blob([evidenceText(asked.data.evidence)], { type: "text/plain" });
              saveFile(text, `evidence-${id}.txt`);
            }}
          >
            {t("registries.saveEvidence")}
          </Button>
        )
      }
    >
      <Asked of={asked}>
        {({ evidence }) => (
          <Card>
            {evidence.length === 0 ? (
              <Row title={t("registries.noEvidence")} />
            ) : (
              <ul>
                {evidence.map(({ code, found, other }) => (
                  <li key={other}>
                    <Row
                      title={t(`registries.contradiction.${code as "HEAD_FORKED" | "KEYS_FORKED"}`)}
                      facts={<When at={found} />}
                    />
                  </li>
                ))}
              </ul>
            )}
          </Card>
        )}
      </Asked>
    </Section>
  );
};
