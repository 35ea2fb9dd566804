import { Checkbox } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { CallOutput } from "../app/client.ts";
import type { Pages } from "../app/use-pages.ts";
import { Chip } from "../design/chip.tsx";
import { Rows } from "../design/rows.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./archive-grid.module.css";
import { Cover } from "./cover.tsx";
import type { Selection } from "./selection.ts";

export type Archive = CallOutput<"searchArchives">["items"][number];

export interface ArchivesProps {
  archives: Pages<Archive>;
  total: number;
  /** Absent where nothing can be done with a choice. */
  selection: Selection | undefined;
}

/** The least width of a cover in pixels, and the space between two. */
const LEAST = 150;
const GAP = 16;
/** The lines below a cover, in pixels. */
const WORDS = 66;

const tagCount = (tags: string): number => (tags.trim() === "" ? 0 : tags.split(",").length);

/** The box that chooses an archive. */
export const Choose = ({
  archive: { arcid, title },
  selection,
}: {
  archive: Archive;
  selection: Selection;
}) => {
  const { t } = useTexts();
  return (
    <Checkbox
      aria-label={t("library.choose", { title })}
      checked={selection.has(arcid)}
      onChange={() => selection.toggle(arcid)}
    />
  );
};

const Card = ({ archive, selection }: { archive: Archive; selection: Selection | undefined }) => {
  const { t } = useTexts();
  const { arcid, title, tags, pagecount, missing } = archive;
  return (
    <div className={classes.card} data-chosen={selection?.has(arcid) ?? false}>
      <Link to="/library/$id" params={{ id: arcid }} className={classes.link}>
        <Cover id={arcid} />
        <span className={classes.title}>{title}</span>
      </Link>
      <span className={classes.about}>
        {t("library.pages", { count: pagecount })} · {t("library.tags", { count: tagCount(tags) })}
        {missing && <Chip tone="bad">{t("library.missing")}</Chip>}
      </span>
      {selection && (
        <span className={classes.choose}>
          <Choose archive={archive} selection={selection} />
        </span>
      )}
    </div>
  );
};

/** The archives as covers. Only the rows in the window are drawn. */
export const ArchiveGrid = ({ archives, total, selection }: ArchivesProps) => {
  const { t } = useTexts();
  const { ref, width } = useElementSize();
  const columns = Math.max(2, Math.floor((width + GAP) / (LEAST + GAP)));
  const rows = useMemo(
    () => Array.from({ length: Math.ceil(total / columns) }, (_, row) => row),
    [total, columns],
  );
  const { show } = archives;
  const onShow = useCallback(
    (first: number, last: number) => show(first * columns, Math.min(total, (last + 1) * columns) - 1),
    [show, columns, total],
  );
  const height = ((width - GAP * (columns - 1)) / columns) * 1.4 + WORDS;
  return (
    <div ref={ref}>
      {width > 0 && (
        <Rows
          key={columns}
          items={rows}
          label={t("app.library")}
          keyOf={(row) => row}
          estimate={Math.round(height) + GAP}
          onShow={onShow}
        >
          {(row) => (
            <div
              className={classes.row}
              style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
            >
              {Array.from({ length: Math.min(columns, total - row * columns) }, (_, n) => {
                const archive = archives.at(row * columns + n);
                return archive ? (
                  <Card key={archive.arcid} archive={archive} selection={selection} />
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: it stands for the archive of this place
                  <div key={n} className={classes.waiting} style={{ height }} />
                );
              })}
            </div>
          )}
        </Rows>
      )}
    </div>
  );
};
