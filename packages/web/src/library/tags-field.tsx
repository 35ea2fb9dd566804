import { Pill, PillsInput } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { useTexts } from "../texts/texts.ts";

interface TagsFieldProps {
  label: string;
  description: string;
  value: string[];
  onChange: (tags: string[]) => void;
}

/** Edits a list of tags. Enter, a comma and leaving the field end a tag; Backspace in the empty field takes the last one back. */
export const TagsField = ({ label, description, value, onChange }: TagsFieldProps) => {
  const { t } = useTexts();
  const [typed, setTyped] = useState("");
  const add = (text: string): void => {
    const tags = text
      .split(",")
      .map((tag) => tag.trim())
      .filter((tag) => tag !== "");
    if (tags.length > 0) onChange([...new Set([...value, ...tags])]);
    setTyped("");
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && typed.trim() !== "") {
      event.preventDefault();
      add(typed);
    }
    if (event.key === "Backspace" && typed === "") onChange(value.slice(0, -1));
  };
  return (
    <PillsInput label={label} description={description}>
      <Pill.Group>
        {value.map((tag) => (
          <Pill
            key={tag}
            withRemoveButton
            removeButtonProps={{ "aria-label": t("library.removeTag", { tag }), tabIndex: 0 }}
            onRemove={() => onChange(value.filter((one) => one !== tag))}
          >
            {tag}
          </Pill>
        ))}
        <PillsInput.Field
          value={typed}
          onChange={(event) => {
            const text = event.currentTarget.value;
            if (text.includes(",")) add(text);
            else setTyped(text);
          }}
          onKeyDown={onKey}
          onBlur={() => add(typed)}
        />
      </Pill.Group>
    </PillsInput>
  );
};
