import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { Chip } from "../design/chip.tsx";
import { Rows } from "../design/rows.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import { type ArchivesProps, Choose } from "./archive-grid.tsx";
import classes from "./archive-list.module.css";
import { Cover } from "./cover.tsx";

/** The archives as lines. Only those in the window are drawn. */
export const ArchiveList = ({ archives, total, selection }: ArchivesProps) => {
  const { t, bytes } = useTexts();
  const rows = useMemo(() => Array.from({ length: total }, (_, row) => row), [total]);
  return (
    <div className={classes.list}>
      <Rows items={rows} label={t("app.library")} keyOf={(row) => row} estimate={65} onShow={archives.show}>
        {(row) => {
          const archive = archives.at(row);
          if (!archive) return <div className={classes.line} />;
          const { arcid, title, file, tags, pagecount, size, added, missing } = archive;
          return (
            <div className={classes.line} data-chosen={selection?.has(arcid) ?? false}>
              {selection && <Choose archive={archive} selection={selection} />}
              <Cover id={arcid} small />
              <div className={classes.words}>
                <Link to="/library/$id" params={{ id: arcid }} className={classes.title}>
                  {title}
                </Link>
                <span className={classes.tags}>{tags.trim() === "" ? file : tags}</span>
              </div>
              {missing && <Chip tone="bad">{t("library.missing")}</Chip>}
              <span className={classes.number}>{t("library.pages", { count: pagecount })}</span>
              <span className={classes.number}>{bytes(size)}</span>
              <span className={classes.number}>{added ? <When at={added} /> : null}</span>
            </div>
          );
        }}
      </Rows>
    </div>
  );
};
