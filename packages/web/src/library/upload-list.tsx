import "../design/choices.css";
import { Button, Progress } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Section } from "../design/page.tsx";
import { Ticked } from "../design/ticked.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./upload-list.module.css";
import { addUploads, clearUploads, retryUpload, type Upload, useUploads } from "./uploads.ts";

const UploadLine = ({ upload }: { upload: Upload }) => {
  const { t, bytes } = useTexts();
  const { id, name, size, state, sent, error, hint, archive } = upload;
  const percent = state === "done" ? 100 : Math.round((sent / Math.max(size, 1)) * 100);
  return (
    <li className={classes.line}>
      <div className={classes.words}>
        <span className={classes.name}>{name}</span>
        <span className={classes.state} data-state={state}>
          {t(`library.upload.${state}`)} · {bytes(size)}
        </span>
      </div>
      {state === "failed" ? (
        <div className={classes.fault} role="alert">
          <strong>
            <Ticked text={error ?? t("app.unreachable")} />
          </strong>
          {hint && (
            <span>
              <Ticked text={hint} />
            </span>
          )}
          <span className={classes.cures}>
            {archive ? (
              <Link to="/library/$id" params={{ id: archive }}>
                {t("library.upload.showExisting")}
              </Link>
            ) : (
              <Button size="compact-sm" variant="default" onClick={() => retryUpload(id)}>
                {t("app.again")}
              </Button>
            )}
          </span>
        </div>
      ) : (
        <Progress
          value={percent}
          aria-label={t("library.upload.progress", { name })}
          animated={state === "checking"}
          color={state === "done" ? "green" : "violet"}
        />
      )}
      {state === "done" && archive && (
        <Link to="/library/$id" params={{ id: archive }}>
          {t("library.upload.open")}
        </Link>
      )}
    </li>
  );
};

/** The files that are sent, each with its progress, and why some were not taken in. */
export const UploadList = () => {
  const { t } = useTexts();
  const uploads = useUploads();
  if (uploads.length === 0) return null;
  const open = uploads.filter(({ state }) => state !== "done" && state !== "failed").length;
  return (
    <Section
      title={t("library.uploads")}
      about={open > 0 ? t("library.uploads.open", { count: open }) : t("library.uploads.done")}
      actions={
        open < uploads.length && (
          <Button size="compact-sm" variant="default" onClick={clearUploads}>
            {t("library.uploads.clear")}
          </Button>
        )
      }
    >
      <ul className={classes.list}>
        {uploads.map((upload) => (
          <UploadLine key={upload.id} upload={upload} />
        ))}
      </ul>
    </Section>
  );
};

/** Takes files that are dropped anywhere on the page, and says so while they are above it. */
export const DropAnywhere = () => {
  const { t } = useTexts();
  const [isAbove, setAbove] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setAbove(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setAbove(false);
    };
    const drop = (event: DragEvent): void => {
      setAbove(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      addUploads(event.dataTransfer?.files ?? []);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  return isAbove ? <div className={classes.drop}>{t("library.drop")}</div> : null;
};
