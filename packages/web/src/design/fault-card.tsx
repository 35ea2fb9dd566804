import { ApiError } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { codeOf, isUnreachable } from "../app/client.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./fault-card.module.css";
import { Ticked } from "./ticked.tsx";

interface FaultCardProps {
  error: unknown;
  /** What the button "Try again" does; without it there is none. */
  retry?: () => unknown;
  /** A button that cures this fault, in place of "Try again". */
  cure?: ReactNode;
}

/** A failure: its cause, what the person can do, and the button that does it. It stands where the answer would. */
export const FaultCard = ({ error, retry, cure }: FaultCardProps) => {
  const { t } = useTexts();
  const message = isUnreachable(error)
    ? t("app.unreachable")
    : error instanceof Error
      ? error.message
      : String(error);
  const hint = error instanceof ApiError ? error.hint : undefined;
  const code = codeOf(error);
  return (
    <div className={classes.card} role="alert">
      <TriangleAlert className={classes.icon} size={18} aria-hidden />
      <div className={classes.words}>
        <p className={classes.cause}>
          <Ticked text={message} />
        </p>
        {hint && (
          <p className={classes.hint}>
            <Ticked text={hint} />
          </p>
        )}
        <div className={classes.actions}>
          {cure ??
            (retry && (
              <Button size="compact-sm" variant="default" onClick={() => void retry()}>
                {t("app.again")}
              </Button>
            ))}
          {code && <span className={classes.code}>{code}</span>}
        </div>
      </div>
    </div>
  );
};
