import { Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { Row } from "../design/row.tsx";

interface PolicySwitchProps {
  title: string;
  about?: ReactNode;
  checked: boolean;
  /** Whether a change is under way, during which it keeps its state. It is not disabled then: that would take the focus away. */
  busy: boolean;
  onChange: (on: boolean) => void;
}

/** One rule that is on or off, on a row. */
export const PolicySwitch = ({ title, about, checked, busy, onChange }: PolicySwitchProps) => (
  <Row
    title={title}
    about={about}
    actions={
      <Switch
        aria-label={title}
        checked={checked}
        aria-busy={busy}
        onChange={(event) => {
          if (!busy) onChange(event.currentTarget.checked);
        }}
      />
    }
  />
);
