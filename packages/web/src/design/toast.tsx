import { ApiError } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { translate } from "../texts/texts.ts";
import { Ticked } from "./ticked.tsx";
import classes from "./toast.module.css";

export interface Toast {
  text: string;
  /** Takes the change back. Its failure is shown too. */
  undo?: () => Promise<unknown>;
}

/** Milliseconds that a toast with an undo stays: long enough to read it twice and reach for the button. */
const UNDO_MS = 12_000;
const PLAIN_MS = 5_000;

/** Undoes what was done last; undefined once it is undone. */
let lastUndo: (() => void) | undefined;

/** Undoes what was done last and can be undone, also when its toast is gone: who has no pointer needs longer to reach its button. */
export const undoLast = (): void => lastUndo?.();

/** Says that something was done, and offers to undo it. */
export const showToast = ({ text, undo }: Toast): void => {
  const takeBack =
    undo &&
    (() => {
      if (lastUndo === takeBack) lastUndo = undefined;
      notifications.hide(id);
      undo().catch(showFault);
    });
  if (takeBack) lastUndo = takeBack;
  const id = notifications.show({
    autoClose: undo ? UNDO_MS : PLAIN_MS,
    closeButtonProps: { "aria-label": translate("app.close") },
    className: classes.toast,
    message: (
      <div className={classes.line}>
        <span>{text}</span>
        {takeBack && (
          <Button size="compact-sm" variant="light" onClick={takeBack}>
            {translate("app.undo")}
          </Button>
        )}
      </div>
    ),
  });
};

/** Says why something failed, until it is closed. */
export const showFault = (error: unknown): void => {
  notifications.show({
    autoClose: false,
    color: "red",
    role: "alert",
    closeButtonProps: { "aria-label": translate("app.close") },
    className: classes.toast,
    message: (
      <div className={classes.fault}>
        <strong>
          <Ticked text={error instanceof Error ? error.message : String(error)} />
        </strong>
        {error instanceof ApiError && error.hint && (
          <span className={classes.hint}>
            <Ticked text={error.hint} />
          </span>
        )}
      </div>
    ),
  });
};
