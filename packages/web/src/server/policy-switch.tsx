import { Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { Row } from "../design/row.tsx";

interface PolicySwitchProps {
  title: string;
  about?: ReactNode;
  checked: boolean;
  onChange: (on: boolean) => void;
}

/** One rule that is on or off, on a row. */
export const PolicySwitch = ({ title, about, checked, onChange }: PolicySwitchProps) => (
  <Row
    title={title}
    about={about}
    actions={
      <Switch
        aria-label={title}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    }
  />
);
