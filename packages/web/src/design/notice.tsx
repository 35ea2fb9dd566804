import type { ReactNode } from "react";
import classes from "./notice.module.css";
import { Ticked } from "./ticked.tsx";

interface NoticeProps {
  tone: "warn" | "bad" | "info" | "good";
  text: string;
  /** What the person can do. */
  hint?: string | undefined;
  /** The button that does it. */
  action?: ReactNode;
}

/** Something that one should know before one goes on. A failure is a FaultCard. */
export const Notice = ({ tone, text, hint, action }: NoticeProps) => (
  <div className={classes.notice} data-tone={tone} role={tone === "bad" ? "alert" : undefined}>
    <strong>
      <Ticked text={text} />
    </strong>
    {hint && (
      <span>
        <Ticked text={hint} />
      </span>
    )}
    {action && <div>{action}</div>}
  </div>
);
