import type { ReactNode } from "react";
import classes from "./chip.module.css";

export type Tone = "plain" | "accent" | "good" | "warn" | "bad" | "info";

/** A short fact beside a name, such as a state or a type. Its colour repeats what its words say. */
export const Chip = ({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) => (
  <span className={classes.chip} data-tone={tone}>
    {children}
  </span>
);
