import type { ReactNode } from "react";
import classes from "./row.module.css";

interface RowProps {
  /** A picture or a handle before the title. */
  lead?: ReactNode;
  title: ReactNode;
  /** A line below the title. */
  about?: ReactNode;
  /** Short facts, aligned in columns where the window is wide. */
  facts?: ReactNode;
  actions?: ReactNode;
}

/** One entry of a list: what it is, what is known of it, and what can be done with it. */
export const Row = ({ lead, title, about, facts, actions }: RowProps) => (
  <div className={classes.row}>
    {lead && <div className={classes.lead}>{lead}</div>}
    <div className={classes.words}>
      <div className={classes.title}>{title}</div>
      {about && <div className={classes.about}>{about}</div>}
    </div>
    {facts && <div className={classes.facts}>{facts}</div>}
    {actions && <div className={classes.actions}>{actions}</div>}
  </div>
);
