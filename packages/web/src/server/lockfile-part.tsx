import { LOCKFILE, type Lockfile } from "@hitagi/contract";
import { Button, FileButton } from "@mantine/core";
import { useState } from "react";
import { client } from "../app/client.ts";
import { saveFile } from "../app/save-file.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Card, Section } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./server.module.css";
import { SyncPlan } from "./sync-plan.tsx";

/** Reads a chosen file. What is in it is checked by the server. @throws Error if it is no JSON */
const read = async (file: File, refusal: string): Promise<Lockfile> => {
  const text = await file.text();
  try {
    return JSON.parse(text) as Lockfile;
  } catch {
    throw new Error(refusal);
  }
};

/** The registries and plugins of this server as a file, and a sync with such a file, whose plan is shown first. */
const LockfilePart = () => {
  const { t } = useTexts();
  const [lock, setLock] = useState<Lockfile | null>(null);
  const [error, setError] = useState<unknown>(null);
  const write = async () => {
    const answer = await client.exportSet({});
    const text = `${JSON.stringify(answer.lock, null, 2)}\n`;
    saveFile(new Blob([text], { type: "application/json" }), LOCKFILE);
  };
  const choose = async (file: File | null) => {
    if (file === null) return;
    setError(null);
    await read(file, t("server.noLockfile", { name: file.name })).then(setLock, setError);
  };
  return (
    <>
      <Section title={t("server.export")} about={t("server.exportAbout")}>
        <Card padded>
          <Button onClick={() => void write().catch(setError)}>{t("server.exportNow")}</Button>
        </Card>
      </Section>
      <Section title={t("server.sync")} about={t("server.syncAbout")}>
        {error !== null && <FaultCard error={error} />}
        {lock === null ? (
          <Card padded>
            <div className={classes.buttons}>
              <FileButton onChange={(file) => void choose(file)} accept=".lock,application/json">
                {(props) => (
                  <Button variant="default" {...props}>
                    {t("server.syncChoose")}
                  </Button>
                )}
              </FileButton>
            </div>
          </Card>
        ) : (
          <SyncPlan lock={lock} onEnd={() => setLock(null)} />
        )}
      </Section>
    </>
  );
};

export default LockfilePart;
