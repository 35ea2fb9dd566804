import "../design/choices.css";
import "../design/dialog.css";
import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import type { CallInput } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { useFocusBack } from "../design/use-focus-back.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./run-dialog.module.css";
import { followBatch } from "./started-batches.ts";
import { Trials, useTrials } from "./trials.tsx";

/** What a run is over: archives by their ids, those of a search, or all. */
export type RunTarget = { count: number } & (
  | { ids: string[] }
  | { search: NonNullable<NonNullable<CallInput<"startBatch">["body"]>["search"]> }
  | { all: true }
);

/** The archives that a try runs on. */
const TRIED = 3;

const CHAIN = "";
const BY_SOURCE = "*";

interface RunDialogProps {
  target: RunTarget;
  /** The first archives of the target, on which one can try. */
  first: string[];
  onClose: () => void;
}

/** Chooses a plugin or the chain, tries it on a few archives, and runs it in a batch. */
const RunDialog = ({ target: { count, ...over }, first, onClose }: RunDialogProps) => {
  const { t } = useTexts();
  useFocusBack();
  const [what, setWhat] = useState(CHAIN);
  const [arg, setArg] = useState("");
  const plugins = useCall("listPlugins", { params: { type: "metadata" } });
  const start = useChange("startBatch", { showsError: true });
  const plugin = plugins.data?.find(({ namespace }) => namespace === what);
  const isNamed = what !== CHAIN && what !== BY_SOURCE;
  const trials = useTrials();
  const canTry = what !== BY_SOURCE;
  const run = async () => {
    const body = {
      ...over,
      ...(isNamed && { plugin: what }),
      ...(what === BY_SOURCE && { by_source: true }),
      ...(arg !== "" && plugin?.oneshot_arg && { arg }),
    };
    const answer = await start.run({ body });
    if (!answer) return;
    followBatch(answer.job);
    onClose();
  };
  const tryIt = () => void trials.run(first.slice(0, TRIED), isNamed ? { plugin: what, arg } : undefined);
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
            trials.clear();
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
        <Trials trials={trials} />
        {start.error !== null && <FaultCard error={start.error} />}
        <div className={classes.buttons}>
          {canTry && (
            <Button variant="default" loading={trials.busy} onClick={tryIt} disabled={first.length === 0}>
              {t("library.run.try", { count: Math.min(TRIED, first.length) })}
            </Button>
          )}
          <Button loading={start.busy} onClick={() => void run()}>
            {t("library.run.start", { count })}
          </Button>
        </div>
      </div>
    </Modal>
  );
};

export default RunDialog;
