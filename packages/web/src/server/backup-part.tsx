import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { client } from "../app/client.ts";
import { saveFile } from "../app/save-file.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Card, Section } from "../design/page.tsx";
import { showToast } from "../design/toast.tsx";
import { useTexts } from "../texts/texts.ts";
import { RestorePart } from "./restore-part.tsx";
import classes from "./server.module.css";

const nameOf = (): string => `hitagi-${new Date().toISOString().slice(0, 10)}.tar.gz`;

/** Makes a backup and downloads it, and takes one that the next start of the server restores. */
const BackupPart = () => {
  const { t, bytes } = useTexts();
  const [library, setLibrary] = useState(false);
  const [received, setReceived] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const make = async () => {
    setError(null);
    setReceived(0);
    try {
      const stream = await client.makeBackup({ body: { library } });
      let count = 0;
      const counted = stream.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform: (part, controller) => {
            count += part.length;
            setReceived(count);
            controller.enqueue(part);
          },
        }),
      );
      saveFile(await new Response(counted).blob(), nameOf());
      showToast({ text: t("server.backupMade", { size: bytes(count) }) });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setReceived(null);
    }
  };
  return (
    <>
      <Section title={t("server.part.backup")} about={t("server.backupAbout")}>
        <Card padded>
          <div className={classes.form}>
            <Checkbox
              label={t("server.withLibrary")}
              checked={library}
              onChange={(event) => setLibrary(event.currentTarget.checked)}
            />
            {error !== null && <FaultCard error={error} retry={make} />}
            <div className={classes.buttons}>
              <Button loading={received !== null} onClick={() => void make()}>
                {t("server.makeBackup")}
              </Button>
              {received !== null && <span role="status">{bytes(received)}</span>}
            </div>
          </div>
        </Card>
      </Section>
      <RestorePart />
    </>
  );
};

export default BackupPart;
