import "./dialog.css";
import { Button, Modal } from "@mantine/core";
import { useTexts } from "../texts/texts.ts";
import type { Question } from "./confirm.tsx";
import classes from "./confirm-dialog.module.css";
import { useFocusBack } from "./use-focus-back.ts";

interface ConfirmDialogProps {
  question: Question;
  onAnswer: (yes: boolean) => void;
}

/** Asks before what cannot be undone. "Cancel" has the focus. */
const ConfirmDialog = ({ question: { title, consequence, action }, onAnswer }: ConfirmDialogProps) => {
  const { t } = useTexts();
  useFocusBack();
  return (
    <Modal
      opened
      onClose={() => onAnswer(false)}
      title={title}
      centered
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <div className={classes.consequence}>{consequence}</div>
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => onAnswer(false)} data-autofocus>
          {t("app.cancel")}
        </Button>
        <Button color="red" onClick={() => onAnswer(true)}>
          {action}
        </Button>
      </div>
    </Modal>
  );
};

export default ConfirmDialog;
