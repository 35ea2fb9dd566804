import { type InstalledPlugin, type LogLevel, logLevels, type PluginLogLine } from "@hitagi/contract";
import { SegmentedControl } from "@mantine/core";
import { ScrollText } from "lucide-react";
import { useEffect, useState } from "react";
import { client } from "../app/client.ts";
import { Empty } from "../design/empty.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Card, Section } from "../design/page.tsx";
import { Rows } from "../design/rows.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./plugin.module.css";

/** Lines that the page keeps; older ones are in the server. */
const MAX_LINES = 5000;
const FIRST = 200;
const AGAIN_MS = 2000;

/** The newest lines first, and each further one as it is written. A broken stream goes on after the last line. */
const useLog = (namespace: string, level: LogLevel) => {
  const [lines, setLines] = useState<PluginLogLine[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    let after: number | undefined;
    const follow = async (): Promise<void> => {
      const query = { level, ...(after === undefined ? { size: FIRST } : { after }) };
      const messages = await client.streamPluginLog({
        params: { namespace: namespace as never },
        query,
        signal,
      });
      for await (const message of messages) {
        after = message.id;
        setError(null);
        if (message.kind === "line") setLines((before) => [message, ...(before ?? [])].slice(0, MAX_LINES));
        else setLines((before) => before ?? []);
      }
    };
    const run = async (): Promise<void> => {
      while (!signal.aborted) {
        await follow().catch((thrown: unknown) => {
          if (!signal.aborted) setError(thrown);
        });
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    };
    setLines(null);
    void run();
    return () => stop.abort();
  }, [namespace, level]);
  return { lines, error };
};

/** The plugin's log on all servers, as it is written. */
export const LogPart = ({ plugin: { namespace } }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const [level, setLevel] = useState<LogLevel>("info");
  const { lines, error } = useLog(namespace, level);
  return (
    <Section
      title={t("plugins.part.log")}
      about={t("plugins.logAbout")}
      actions={
        <SegmentedControl
          aria-label={t("plugins.level")}
          value={level}
          onChange={(chosen) => setLevel(chosen as LogLevel)}
          data={logLevels.map((value) => ({ value, label: t(`plugins.level.${value}`) }))}
        />
      }
    >
      {error !== null && <FaultCard error={error} />}
      {lines?.length === 0 && (
        <Empty icon={ScrollText} title={t("plugins.logEmpty")} text={t("plugins.logEmptyText")} />
      )}
      {lines && lines.length > 0 && (
        <Card>
          <Rows items={lines} label={t("plugins.part.log")} keyOf={({ id }) => id} estimate={26}>
            {({ time, level: of, text, archive }) => (
              <div className={classes.line} data-level={of}>
                <When at={time} />
                <span className={classes.level}>{of}</span>
                <span>
                  {archive && <span className={classes.soft}>{archive.title}: </span>}
                  {text}
                </span>
              </div>
            )}
          </Rows>
        </Card>
      )}
    </Section>
  );
};
