import type { ErrorReport } from "@hitagi/contract";
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

interface ReportsProps {
  /** What stands against a change. */
  conflicts?: readonly ErrorReport[];
  warnings?: readonly ErrorReport[];
}

/** What a preview says against a change, and what one should know of it. */
export const Reports = ({ conflicts = [], warnings = [] }: ReportsProps) => (
  <>
    {conflicts.map(({ code, message, hint }) => (
      <Notice key={`${code} ${message}`} tone="bad" text={message} hint={hint} />
    ))}
    {warnings.map(({ code, message, hint }) => (
      <Notice key={`${code} ${message}`} tone="warn" text={message} hint={hint} />
    ))}
  </>
);
