import { NativeSelect } from "@mantine/core";
import { useTexts } from "../texts/texts.ts";

const HOURS = [0, 1, 6, 12, 24, 48, 72, 168, 336, 720];

/** Hours in words: "at once", hours, or whole days. */
export const useHoursText = (): ((hours: number) => string) => {
  const { t, locale } = useTexts();
  return (hours) => {
    if (hours === 0) return t("server.atOnce");
    const isDays = hours >= 48 && hours % 24 === 0;
    const unit = isDays ? "day" : "hour";
    return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(
      isDays ? hours / 24 : hours,
    );
  };
};

interface HoursSelectProps {
  label: string;
  value: number;
  onChange: (hours: number) => void;
}

/** Chooses how many hours a version waits. A value that the command line set stays among the choices. */
export const HoursSelect = ({ label, value, onChange }: HoursSelectProps) => {
  const textOf = useHoursText();
  const choices = [...new Set([...HOURS, value])].sort((a, b) => a - b);
  return (
    <NativeSelect
      aria-label={label}
      value={String(value)}
      data={choices.map((hours) => ({ value: String(hours), label: textOf(hours) }))}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
    />
  );
};
