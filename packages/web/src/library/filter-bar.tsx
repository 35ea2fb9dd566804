import "../design/choices.css";
import { ActionIcon, NativeSelect, SegmentedControl } from "@mantine/core";
import { ArrowDownWideNarrow, ArrowUpNarrowWide, Folder, LayoutGrid, List, Search, Tag } from "lucide-react";
import { SearchField } from "../design/search-field.tsx";
import { useTexts } from "../texts/texts.ts";
import { type ArchiveFilter, sorts } from "./archive-filter.ts";
import classes from "./filter-bar.module.css";

/** The search, the filters, the order and the form of the library's list. All of it stands in the address. */
export const FilterBar = ({ filter, change }: Pick<ArchiveFilter, "filter" | "change">) => {
  const { t } = useTexts();
  const Direction = filter.isDescending ? ArrowDownWideNarrow : ArrowUpNarrowWide;
  return (
    <search className={classes.bar}>
      <SearchField
        className={classes.wide}
        label={t("library.search")}
        icon={Search}
        value={filter.q}
        onChange={(q) => change({ q })}
      />
      <SearchField
        className={classes.field}
        label={t("library.tag")}
        icon={Tag}
        value={filter.tag}
        onChange={(tag) => change({ tag })}
      />
      <SearchField
        className={classes.field}
        label={t("library.folder")}
        icon={Folder}
        value={filter.folder}
        onChange={(folder) => change({ folder })}
      />
      <NativeSelect
        aria-label={t("library.show")}
        value={filter.show}
        onChange={(event) => {
          const show = event.currentTarget.value;
          change({ show: show === "all" ? undefined : show });
        }}
        data={[
          { value: "all", label: t("library.show.all") },
          { value: "untagged", label: t("library.show.untagged") },
          { value: "missing", label: t("library.show.missing") },
        ]}
      />
      <div className={classes.order}>
        <NativeSelect
          aria-label={t("library.sort")}
          value={filter.sort}
          onChange={(event) => change({ sort: event.currentTarget.value, order: undefined })}
          data={sorts.map((sort) => ({ value: sort, label: t(`library.sort.${sort}`) }))}
        />
        <ActionIcon
          size="input-sm"
          variant="default"
          aria-label={filter.isDescending ? t("library.descending") : t("library.ascending")}
          onClick={() => change({ sort: filter.sort, order: filter.isDescending ? "asc" : "desc" })}
        >
          <Direction size={16} aria-hidden />
        </ActionIcon>
      </div>
      <SegmentedControl
        aria-label={t("library.view")}
        value={filter.view}
        onChange={(view) => change({ view: view === "grid" ? undefined : view })}
        data={[
          { value: "grid", label: <ViewName icon={LayoutGrid} text={t("library.view.grid")} /> },
          { value: "list", label: <ViewName icon={List} text={t("library.view.list")} /> },
        ]}
      />
    </search>
  );
};

const ViewName = ({ icon: Icon, text }: { icon: typeof List; text: string }) => (
  <span className={classes.view}>
    <Icon size={15} aria-hidden />
    <span>{text}</span>
  </span>
);
