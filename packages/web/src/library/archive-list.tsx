import { Link } from "@tanstack/react-router";
import { Chip } from "../design/chip.tsx";
import { PagedRows } from "../design/rows.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import { type ArchivesProps, Choose } from "./archive-grid.tsx";
import classes from "./archive-list.module.css";
import { Cover } from "./cover.tsx";

/** The archives as lines. Only those in the window are drawn. */
export const ArchiveList = ({ archives, selection }: ArchivesProps) => {
  const { t, bytes } = useTexts();
  return (
    <div className={classes.list}>
      <PagedRows
        pages={archives}
        label={t("app.library")}
        estimate={65}
        waiting={<div className={classes.line} />}
      >
        {(archive) => {
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
      </PagedRows>
    </div>
  );
};
