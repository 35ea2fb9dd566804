import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./empty.module.css";

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  /** What one can do here, in a sentence. */
  text?: ReactNode;
  /** The button that begins it. */
  action?: ReactNode;
}

/** What a list shows in place of its rows: why it is empty, and the way on. */
export const Empty = ({ icon: Icon, title, text, action }: EmptyProps) => (
  <div className={classes.empty}>
    <span className={classes.icon}>
      <Icon size={22} aria-hidden />
    </span>
    <p className={classes.title}>{title}</p>
    {text && <p className={classes.text}>{text}</p>}
    {action && <div className={classes.action}>{action}</div>}
  </div>
);
