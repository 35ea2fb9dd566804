import { type LogLevel, logLevels } from "@hitagi/contract";
import { SegmentedControl } from "@mantine/core";
import { ScrollText } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTexts } from "../texts/texts.ts";
import { Empty } from "./empty.tsx";
import { FaultCard } from "./fault-card.tsx";
import classes from "./log-list.module.css";
import { Card, Section } from "./page.tsx";
import { Rows } from "./rows.tsx";
import { When } from "./when.tsx";

/** Lines that the page keeps; older ones are in the server. */
const MAX_LINES = 5000;
const FIRST = 200;
const AGAIN_MS = 2000;

interface Line {
  id: number;
  time: number;
  level: LogLevel;
  text: string;
}

type Message<L extends Line> = { id: number; kind: "ready" } | (L & { kind: "line" });

/** Opens a stream of lines: with the newest ones first, or after a line. */
type OpenLog<L extends Line> = (
  query: { level: LogLevel; size?: number; after?: number },
  signal: AbortSignal,
) => Promise<AsyncIterable<Message<L>>>;

/** The newest lines first, and each further one as it is written. A broken stream goes on after the last line. */
const useLog = <L extends Line>(open: OpenLog<L>, level: LogLevel) => {
  const [lines, setLines] = useState<L[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const opening = useRef(open);
  opening.current = open;
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    let after: number | undefined;
    const follow = async (): Promise<void> => {
      const from = after === undefined ? { size: FIRST } : { after };
      for await (const message of await opening.current({ level, ...from }, signal)) {
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
  }, [level]);
  return { lines, error };
};

interface LogListProps<L extends Line> {
  title: string;
  about: string;
  /** What is said while there are no lines. */
  empty: { title: string; text?: string };
  open: OpenLog<L>;
  /** What a line says beside its text. */
  children?: (line: L) => ReactNode;
}

/** A log as it is written, the latest line first, from a level on that is chosen. It stays the same log while it is shown. */
export const LogList = <L extends Line>({ title, about, empty, open, children }: LogListProps<L>) => {
  const { t } = useTexts();
  const [level, setLevel] = useState<LogLevel>("info");
  const { lines, error } = useLog(open, level);
  return (
    <Section
      title={title}
      about={about}
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
      {lines?.length === 0 && <Empty icon={ScrollText} title={empty.title} text={empty.text} />}
      {lines && lines.length > 0 && (
        <Card>
          <Rows items={lines} label={title} keyOf={({ id }) => id} estimate={26}>
            {(line) => (
              <div className={classes.line} data-level={line.level}>
                <When at={line.time} />
                <span className={classes.level}>{line.level}</span>
                <span className={classes.text}>
                  {line.text}
                  {children?.(line)}
                </span>
              </div>
            )}
          </Rows>
        </Card>
      )}
    </Section>
  );
};
