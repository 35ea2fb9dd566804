import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import type { LucideIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";

interface SearchFieldProps {
  label: string;
  icon: LucideIcon;
  /** What stands in the address. */
  value: string;
  onChange: (text: string) => void;
  className: string | undefined;
}

/** A field whose text goes into the address when one has stopped typing. */
export const SearchField = ({ label, icon: Icon, value, onChange, className }: SearchFieldProps) => {
  const [text, setText] = useState(value);
  /** What was told and is not in the address yet. When it arrives there, more may have been typed, which must stay. */
  const told = useRef<string[]>([]);
  useEffect(() => {
    const at = told.current.indexOf(value);
    if (at >= 0) told.current.splice(0, at + 1);
    else setText(value);
  }, [value]);
  const later = useDebouncedCallback((next: string) => {
    if (next !== value) told.current.push(next);
    onChange(next);
  }, 200);
  return (
    <TextInput
      className={className}
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<Icon size={15} aria-hidden />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value.trim());
      }}
    />
  );
};
