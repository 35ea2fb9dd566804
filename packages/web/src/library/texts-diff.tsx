import type { ArchiveTexts } from "@hitagi/contract";
import { Chip } from "../design/chip.tsx";
import { useTexts } from "../texts/texts.ts";
import { tagsIn } from "./archive-texts.ts";
import classes from "./texts-diff.module.css";

interface TextsDiffProps {
  before: ArchiveTexts;
  after: ArchiveTexts;
}

/** What changed in an archive's texts: the old and the new title and summary, and the tags that came and went. */
export const TextsDiff = ({ before, after }: TextsDiffProps) => {
  const { t } = useTexts();
  const [old, now] = [tagsIn(before.tags), tagsIn(after.tags)];
  const added = now.filter((tag) => !old.includes(tag));
  const removed = old.filter((tag) => !now.includes(tag));
  const texts = (["title", "summary"] as const).filter((field) => before[field] !== after[field]);
  if (added.length + removed.length + texts.length === 0)
    return <p className={classes.same}>{t("library.diff.none")}</p>;
  return (
    <dl className={classes.diff}>
      {texts.map((field) => (
        <div key={field}>
          <dt>{t(`library.field.${field}`)}</dt>
          <dd>
            {before[field] !== "" && <del className={classes.old}>{before[field]}</del>}
            {after[field] !== "" && <ins className={classes.now}>{after[field]}</ins>}
          </dd>
        </div>
      ))}
      {added.length + removed.length > 0 && (
        <div>
          <dt>{t("library.field.tags")}</dt>
          <dd className={classes.tags}>
            {removed.map((tag) => (
              <Chip key={tag} tone="bad">
                <del>− {tag}</del>
              </Chip>
            ))}
            {added.map((tag) => (
              <Chip key={tag} tone="good">
                <ins className={classes.plain}>+ {tag}</ins>
              </Chip>
            ))}
          </dd>
        </div>
      )}
    </dl>
  );
};
