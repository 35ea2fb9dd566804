import type { DoctorFinding } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useChange } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { Ticked } from "../design/ticked.tsx";
import { useTexts } from "../texts/texts.ts";

const tones = { ok: "good", note: "warn", wrong: "bad", skipped: "plain" } as const;

/** What is wrong first, then notes. */
const order = ["wrong", "note", "ok", "skipped"];

const byState = (a: DoctorFinding, b: DoctorFinding): number =>
  order.indexOf(a.state) - order.indexOf(b.state);

/** Checks what the server needs when one asks for it, and shows each finding with what can be done. */
export const Doctor = () => {
  const { t } = useTexts();
  const [findings, setFindings] = useState<DoctorFinding[] | null>(null);
  const examine = useChange("examineServer", { showsError: true });
  const run = async () => setFindings((await examine.run({}))?.findings ?? null);
  return (
    <Section
      title={t("server.doctor")}
      about={t("server.doctorAbout")}
      actions={
        <Button variant="default" loading={examine.busy} onClick={() => void run()}>
          {t("server.doctorRun")}
        </Button>
      }
    >
      {examine.error !== null && <FaultCard error={examine.error} />}
      {findings !== null && (
        <>
          <p role="status">
            {t("server.doctorWrong", { count: findings.filter(({ state }) => state === "wrong").length })}
          </p>
          <Card>
            <ul>
              {[...findings].sort(byState).map(({ check, state, text, hint }) => (
                <li key={`${check} ${text}`}>
                  <Row
                    title={check}
                    about={
                      <>
                        <Ticked text={text} />
                        {hint && (
                          <div>
                            → <Ticked text={hint} />
                          </div>
                        )}
                      </>
                    }
                    facts={<Chip tone={tones[state]}>{t(`server.finding.${state}`)}</Chip>}
                  />
                </li>
              ))}
            </ul>
          </Card>
        </>
      )}
    </Section>
  );
};
