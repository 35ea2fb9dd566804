import type { ArchiveMetadata } from "@hitagi/contract";
import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useCall } from "../app/calls.ts";
import { Asked, Card } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./plugin.module.css";

interface ArchivePickerProps {
  chosen: ArchiveMetadata | null;
  onChoose: (archive: ArchiveMetadata) => void;
}

/** Finds an archive of the library by words of its title, its tags or its path. */
export const ArchivePicker = ({ chosen, onChoose }: ArchivePickerProps) => {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 150);
  const asked = useCall("searchArchives", {
    query: { ...(q !== "" && { q }), size: 20, sort: "added", order: "desc" },
  });
  return (
    <div>
      <TextInput
        label={t("plugins.archive")}
        placeholder={t("plugins.archiveHint")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Card>
        <Asked of={asked}>
          {({ items }) => (
            <div className={classes.picked}>
              {items.map((archive) => (
                <button
                  key={archive.arcid}
                  type="button"
                  className={classes.archive}
                  aria-pressed={archive.arcid === chosen?.arcid}
                  onClick={() => onChoose(archive)}
                >
                  {archive.title}
                </button>
              ))}
              {items.length === 0 && <p className={classes.archive}>{t("plugins.noArchive")}</p>}
            </div>
          )}
        </Asked>
      </Card>
    </div>
  );
};
