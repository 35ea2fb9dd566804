import "../design/choices.css";
import "../design/dialog.css";
import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import type { CallInput, CallOutput } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { useFocusBack } from "../design/use-focus-back.ts";
import { useTexts } from "../texts/texts.ts";
import { PreviewOfBatch } from "./batch-preview.tsx";
import classes from "./run-dialog.module.css";
import { followBatch } from "./started-batches.ts";

/** What a run is over: archives by their ids, those of a search, or all. */
export type RunTarget = { count: number } & (
  | { ids: string[] }
  | { search: NonNullable<NonNullable<CallInput<"startBatch">["body"]>["search"]> }
  | { all: true }
);

/** The archives on which a dry run shows what would change. */
const TRIED = 5;

const CHAIN = "";
const BY_SOURCE = "*";

interface RunDialogProps {
  target: RunTarget;
  onClose: () => void;
}

/** Chooses a plugin or the chain, shows what a batch would do, and starts it. */
const RunDialog = ({ target: { count, ...over }, onClose }: RunDialogProps) => {
  const { t } = useTexts();
  useFocusBack();
  const [what, setWhat] = useState(CHAIN);
  const [arg, setArg] = useState("");
  const plugins = useCall("listPlugins", { params: { type: "metadata" } });
  const start = useChange("startBatch", { showsError: true });
  const plugin = plugins.data?.find(({ namespace }) => namespace === what);
  const isNamed = what !== CHAIN && what !== BY_SOURCE;
  const dryRun = useChange("previewBatch", { showsError: true });
  const [tried, setTried] = useState<{ of: string; preview: CallOutput<"previewBatch">["preview"] }>();
  const body = {
    ...over,
    ...(isNamed && { plugin: what }),
    ...(what === BY_SOURCE && { by_source: true }),
    ...(arg !== "" && plugin?.oneshot_arg && { arg }),
  };
  /** What is chosen now: the preview of another choice is not shown. */
  const chosen = JSON.stringify(body);
  const run = async () => {
    const answer = await start.run({ body });
    if (!answer) return;
    followBatch(answer.job);
    onClose();
  };
  const tryIt = async () => {
    setTried(undefined);
    const answer = await dryRun.run({ body: { ...body, size: TRIED } });
    if (answer) setTried({ of: chosen, preview: answer.preview });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("library.run.title", { count })}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <div className={classes.form}>
        <NativeSelect
          label={t("library.run.what")}
          value={what}
          onChange={(event) => {
            setWhat(event.currentTarget.value);
            start.reset();
            dryRun.reset();
          }}
          data={[
            { value: CHAIN, label: t("library.run.chain") },
            { value: BY_SOURCE, label: t("library.run.bySource") },
            ...(plugins.data ?? []).map(({ namespace, name }) => ({ value: namespace, label: name })),
          ]}
          data-autofocus
        />
        {plugin?.oneshot_arg && (
          <TextInput
            label={t("library.run.arg")}
            description={plugin.oneshot_arg}
            value={arg}
            onChange={(event) => setArg(event.currentTarget.value)}
          />
        )}
        <p className={classes.about}>{t("library.run.about")}</p>
        {tried?.of === chosen && <PreviewOfBatch preview={tried.preview} />}
        {dryRun.error !== null && <FaultCard error={dryRun.error} />}
        {start.error !== null && <FaultCard error={start.error} />}
        <div className={classes.buttons}>
          <Button variant="default" loading={dryRun.busy} onClick={() => void tryIt()}>
            {t("library.run.try", { count: Math.min(TRIED, count) })}
          </Button>
          <Button loading={start.busy} onClick={() => void run()}>
            {t("library.run.start", { count })}
          </Button>
        </div>
      </div>
    </Modal>
  );
};

export default RunDialog;
