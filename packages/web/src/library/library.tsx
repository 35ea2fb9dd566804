import { Button, FileButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { BookOpen, Plus, SearchX } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useCall } from "../app/calls.ts";
import { usePages } from "../app/use-pages.ts";
import { Empty } from "../design/empty.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Asked, Page } from "../design/page.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { useArchiveFilter } from "./archive-filter.ts";
import { ArchiveGrid } from "./archive-grid.tsx";
import { ArchiveList } from "./archive-list.tsx";
import { BatchProgress } from "./batch-progress.tsx";
import { FilterBar } from "./filter-bar.tsx";
import classes from "./library.module.css";
import type { RunTarget } from "./run-dialog.tsx";
import { useSelection } from "./selection.ts";
import { DropAnywhere, UploadList } from "./upload-list.tsx";
import { addUploads } from "./uploads.ts";

const RunDialog = lazy(() => import("./run-dialog.tsx"));

/** Archives of a page of the list. */
const PAGE = 120;

/** Leads to the files that were not taken in, where there are some. Its space comes with it: one that was there before would move. */
const ProblemsLink = () => {
  const { t } = useTexts();
  const { data } = useCall("listLibraryProblems", {});
  const count = data?.problems.length ?? 0;
  return count > 0 ? (
    <>
      {" "}
      <Link to="/library/problems" className={classes.problems}>
        {t("library.problems.count", { count })}
      </Link>
    </>
  ) : null;
};

export const LibraryPage = () => {
  const { t } = useTexts();
  const { filter, selection: found, query, isFiltered, change } = useArchiveFilter();
  const archives = usePages("searchArchives", { query }, PAGE);
  const selection = useSelection(JSON.stringify(found));
  const mayUse = useMay("use");
  const [running, setRunning] = useState<RunTarget | null>(null);
  const { total } = archives;
  const chosen = selection.isWhole ? (total ?? 0) : selection.ids.size;
  const whole = (): RunTarget =>
    isFiltered ? { search: found, count: total ?? 0 } : { all: true, count: total ?? 0 };
  const target = (): RunTarget =>
    selection.isWhole || chosen === 0 ? whole() : { ids: [...selection.ids], count: chosen };
  const upload = (
    <FileButton multiple onChange={addUploads}>
      {(props) => (
        <Button {...props} leftSection={<Plus size={16} aria-hidden />}>
          {t("library.add")}
        </Button>
      )}
    </FileButton>
  );
  const View = filter.view === "grid" ? ArchiveGrid : ArchiveList;
  return (
    <Page
      title={t("app.library")}
      about={
        <>
          {total === undefined
            ? "\u00a0"
            : t(isFiltered ? "library.found" : "library.count", { count: total })}
          <ProblemsLink />
        </>
      }
      actions={
        mayUse && (
          <>
            <Button
              variant="default"
              disabled={total === undefined || total === 0}
              onClick={() => setRunning(target())}
            >
              {chosen > 0 ? t("library.runOn", { count: chosen }) : t("library.runOnAll")}
            </Button>
            {upload}
          </>
        )
      }
    >
      {mayUse && <DropAnywhere />}
      <UploadList />
      <BatchProgress canChange={mayUse} />
      <FilterBar filter={filter} change={change} />
      {chosen > 0 && total !== undefined && (
        <div className={classes.chosen} role="status">
          <strong>{t("library.chosen", { count: chosen })}</strong>
          {!selection.isWhole && total > chosen && (
            <Button size="compact-sm" variant="subtle" onClick={selection.chooseAll}>
              {t("library.chooseAll", { count: total })}
            </Button>
          )}
          <Button size="compact-sm" variant="subtle" onClick={selection.clear}>
            {t("library.chooseNone")}
          </Button>
        </div>
      )}
      {archives.error !== null && <FaultCard error={archives.error} retry={archives.refetch} />}
      <Asked of={{ data: total, error: null, refetch: archives.refetch }}>
        {(count) => {
          if (count > 0)
            return <View archives={archives} total={count} selection={mayUse ? selection : undefined} />;
          return isFiltered ? (
            <Empty
              icon={SearchX}
              title={t("library.nothing")}
              text={t("library.nothingText")}
              action={
                <Button
                  variant="default"
                  onClick={() => change({ q: undefined, tag: undefined, folder: undefined, show: undefined })}
                >
                  {t("library.clearFilters")}
                </Button>
              }
            />
          ) : (
            <Empty
              icon={BookOpen}
              title={t("library.empty")}
              text={t("library.emptyText")}
              action={mayUse && upload}
            />
          );
        }}
      </Asked>
      <Suspense>{running && <RunDialog target={running} onClose={() => setRunning(null)} />}</Suspense>
    </Page>
  );
};
