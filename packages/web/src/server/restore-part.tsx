import type { BackupContent, WaitingRestore } from "@hitagi/contract";
import { Button, FileButton, Progress } from "@mantine/core";
import { useRef, useState } from "react";
import { queries, useCall, useChange } from "../app/calls.ts";
import { sendFile } from "../app/send-file.ts";
import { useConfirm } from "../design/confirm.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Notice } from "../design/notice.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./server.module.css";

const COMMAND = "hitagi restore backup.tar.gz --force";

/** What a restore replaces, and what it keeps. */
const Effects = ({ backup }: { backup: BackupContent }) => {
  const { t } = useTexts();
  const { archives, plugins, other_key: isOtherKey, foreign } = backup;
  return (
    <>
      <h3>{t("server.restoreReplaced")}</h3>
      <ul className={classes.points}>
        <li>{t("server.restoreData")}</li>
        <li>{t("server.restorePlugins", { count: plugins })}</li>
        {archives !== null && <li>{t("server.restoreArchives", { count: archives })}</li>}
        <li>{t(isOtherKey ? "server.restoreOtherKey" : "server.restoreSignIn")}</li>
      </ul>
      <h3>{t("server.restoreKept")}</h3>
      <ul className={classes.points}>
        <li>{t("server.restoreAside")}</li>
        {archives === null && <li>{t("server.restoreKeptArchives")}</li>}
        <li>{t("server.restoreKeptTrust")}</li>
        <li>{t("server.restoreKeptSettings")}</li>
      </ul>
      {foreign.count > 0 && (
        <Notice
          tone="warn"
          text={t("server.restoreForeign", { count: foreign.count })}
          hint={foreign.first.join(", ")}
        />
      )}
    </>
  );
};

interface WaitingProps {
  restore: WaitingRestore;
  otherServers: number;
}

/** The restore that was sent: what it does, and whether the next start carries it out. */
const Waiting = ({ restore, otherServers }: WaitingProps) => {
  const { t, bytes } = useTexts();
  const confirm = useChange("confirmRestore");
  const cancel = useChange("cancelRestore");
  const { state, backup, failure } = restore;
  const isWaiting = state === "waiting";
  return (
    <Card padded>
      <div className={classes.restore}>
        {isWaiting && (
          <Notice
            tone="warn"
            text={t(backup ? "server.restoreWaiting" : "server.restoreWaitingUndo")}
            hint={t("server.restoreNextStart")}
          />
        )}
        {failure && <Notice tone="bad" text={failure.message} hint={failure.hint} />}
        {otherServers > 0 && <Notice tone="warn" text={t("server.restoreOthers", { count: otherServers })} />}
        {backup ? (
          <>
            <p>
              <strong>
                {t("server.restoreOf")} <When at={Date.parse(backup.created) / 1000} />
              </strong>
              <br />
              <span className={classes.soft}>
                {t("server.restoreMade", {
                  version: backup.hitagi,
                  count: backup.files,
                  size: bytes(backup.bytes),
                })}
              </span>
            </p>
            <Effects backup={backup} />
          </>
        ) : (
          <p>{t("server.restoreUndo")}</p>
        )}
        <div className={classes.buttons}>
          {!isWaiting && (
            <Button
              loading={confirm.busy}
              onClick={() =>
                void confirm.run({}, { done: t("server.restoreConfirmed"), undo: () => cancel.run({}) })
              }
            >
              {t(state === "failed" ? "server.restoreRetry" : "server.restoreConfirm")}
            </Button>
          )}
          <Button
            variant="default"
            loading={cancel.busy}
            onClick={() => void cancel.run({}, { done: t("server.restoreCancelled") })}
          >
            {t("server.restoreCancel")}
          </Button>
        </div>
      </div>
    </Card>
  );
};

/** Takes a backup from this browser. */
const Send = () => {
  const { t, bytes } = useTexts();
  const [sending, setSending] = useState<{ size: number; sent: number; isSent: boolean } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  const send = async (file: File | null) => {
    if (file === null) return;
    stop.current = new AbortController();
    const { signal } = stop.current;
    const about = { size: file.size, sent: 0, isSent: false };
    setError(null);
    setSending(about);
    await sendFile(file, {
      ...{ method: "POST", address: "/api/restore", signal },
      onSent: (sent) => setSending({ ...about, sent }),
      onAllSent: () => setSending({ ...about, sent: file.size, isSent: true }),
    }).catch((thrown: unknown) => {
      if (!signal.aborted) setError(thrown);
    });
    await queries.invalidateQueries({ queryKey: ["getRestore"] });
    setSending(null);
  };
  return (
    <Card padded>
      <div className={classes.form}>
        {error !== null && <FaultCard error={error} />}
        {sending === null ? (
          <div>
            <FileButton onChange={(file) => void send(file)} accept=".gz,.tgz,application/gzip">
              {(props) => (
                <Button variant="default" {...props}>
                  {t("server.restoreChoose")}
                </Button>
              )}
            </FileButton>
          </div>
        ) : (
          <>
            <Progress
              value={Math.round((sending.sent / Math.max(sending.size, 1)) * 100)}
              animated={sending.isSent}
              aria-label={t("server.restoreSendingLabel")}
            />
            <div className={classes.buttons}>
              <Button variant="default" onClick={() => stop.current?.abort()}>
                {t("server.restoreStop")}
              </Button>
              <span role="status">
                {sending.isSent
                  ? t("server.restoreChecking")
                  : t("server.restoreSending", { sent: bytes(sending.sent), size: bytes(sending.size) })}
              </span>
            </div>
          </>
        )}
      </div>
    </Card>
  );
};

/** The data that earlier restores set aside. */
const SetAside = ({ times, mayUndo }: { times: number[]; mayUndo: boolean }) => {
  const { t } = useTexts();
  const undo = useChange("undoRestore");
  const cancel = useChange("cancelRestore");
  const discard = useChange("discardSetAside");
  const ask = useConfirm();
  const remove = async () => {
    const question = {
      title: t("server.discardTitle"),
      consequence: t("server.discardText"),
      action: t("server.discard"),
    };
    if (await ask(question)) await discard.run({}, { done: t("server.discarded") });
  };
  return (
    <Section
      title={t("server.setAside")}
      about={t("server.setAsideAbout")}
      actions={
        <Button variant="default" loading={discard.busy} onClick={() => void remove()}>
          {t("server.discard")}
        </Button>
      }
    >
      <Card>
        <ul>
          {times.map((at, place) => (
            <li key={at}>
              <Row
                title={
                  <>
                    {t("server.setAsideAt")} <When at={at} />
                  </>
                }
                actions={
                  place === 0 &&
                  mayUndo && (
                    <Button
                      variant="default"
                      loading={undo.busy}
                      onClick={() =>
                        void undo.run({}, { done: t("server.restoreConfirmed"), undo: () => cancel.run({}) })
                      }
                    >
                      {t("server.putBack")}
                    </Button>
                  )
                }
              />
            </li>
          ))}
        </ul>
      </Card>
    </Section>
  );
};

/** Restores a backup at the next start of the server: it is sent and checked, then confirmed or cancelled. */
export const RestorePart = () => {
  const { t } = useTexts();
  const state = useCall("getRestore", {});
  const times = state.data?.set_aside ?? [];
  return (
    <>
      <Section title={t("server.restoreTitle")} about={t("server.restoreAbout")}>
        <Asked of={state}>
          {({ restore, other_servers: otherServers }) =>
            restore ? <Waiting restore={restore} otherServers={otherServers} /> : <Send />
          }
        </Asked>
        <p className={classes.soft}>
          {t("server.restore")} <code>{COMMAND}</code>
        </p>
      </Section>
      {times.length > 0 && <SetAside times={times} mayUndo={state.data?.restore === null} />}
    </>
  );
};
