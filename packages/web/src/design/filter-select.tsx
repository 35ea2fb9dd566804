import "./choices.css";
import { NativeSelect } from "@mantine/core";

interface FilterSelectProps {
  /** Its name, which is shown above it or only said by screen readers. */
  label: string;
  isLabelShown?: boolean;
  /** The words of the choice that leaves nothing out. Its value is the empty text. */
  any: string;
  value: string | undefined;
  choices: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** A list of choices that filters what a page shows. */
export const FilterSelect = ({
  label,
  isLabelShown = false,
  any,
  value = "",
  choices,
  onChange,
}: FilterSelectProps) => (
  <NativeSelect
    {...(isLabelShown ? { label } : { "aria-label": label })}
    value={value}
    onChange={(event) => onChange(event.currentTarget.value)}
    data={[{ value: "", label: any }, ...choices]}
  />
);
