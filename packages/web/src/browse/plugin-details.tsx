import type { PublishedDetails, VersionChangelog } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { Chip } from "../design/chip.tsx";
import { Markdown } from "../design/markdown.tsx";
import { Notice } from "../design/notice.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./browse.module.css";

/** Says that a plugin should no longer be installed, why, and what replaces it. */
export const DeprecatedNotice = ({
  deprecated: { reason, replacement },
}: {
  deprecated: NonNullable<PublishedDetails["deprecated"]>;
}) => {
  const { t } = useTexts();
  return (
    <Notice
      tone="warn"
      text={t("browse.deprecated")}
      hint={reason}
      action={
        replacement && (
          <Link to="/browse/$namespace" params={{ namespace: replacement }}>
            {t("browse.replacement", { name: replacement })}
          </Link>
        )
      }
    />
  );
};

const Outside = ({ href, children }: { href: string; children: string }) => (
  <a href={href} target="_blank" rel="noopener noreferrer nofollow">
    {children}
  </a>
);

/** Where a plugin's home and source are, its licence and its tags. */
export const DetailLinks = ({
  details: { homepage, source, licence, tags = [] },
}: {
  details: PublishedDetails;
}) => {
  const { t } = useTexts();
  if (!homepage && !source && !licence && tags.length === 0) return null;
  return (
    <div className={classes.links}>
      {homepage && <Outside href={homepage}>{t("browse.homepage")}</Outside>}
      {source && <Outside href={source}>{t("browse.source")}</Outside>}
      {licence && <span>{t("browse.licence", { licence })}</span>}
      {tags.map((tag) => (
        <span key={tag} className={classes.tag}>
          {tag}
        </span>
      ))}
    </div>
  );
};

/** What changed in versions, the newest first, behind a button. */
export const Changelog = ({ changes }: { changes: readonly VersionChangelog[] }) => {
  const { t } = useTexts();
  const [isOpen, setOpen] = useState(false);
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  if (changes.length === 0) return null;
  return (
    <div className={classes.changes}>
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<Arrow size={15} aria-hidden />}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {t("browse.changelog")}
      </Button>
      {isOpen &&
        changes.map(({ version, changelog }) => (
          <div key={version} className={classes.change}>
            {changes.length > 1 && <strong>{version}</strong>}
            <Markdown text={changelog} />
          </div>
        ))}
    </div>
  );
};

/** The versions that the keeper withdrew, with the reason of each. */
export const YankedVersions = ({ yanked }: Pick<PublishedDetails, "yanked">) => {
  const { t } = useTexts();
  if (yanked.length === 0) return null;
  return (
    <div className={classes.readme}>
      <h3>{t("browse.yanked")}</h3>
      <ul className={classes.versions}>
        {yanked.map(({ version, reason, at, dangerous }) => (
          <li key={version} className={classes.version}>
            <strong>{version}</strong>
            <span className={classes.soft}>
              <When at={Date.parse(at) / 1000} />
            </span>
            {dangerous && <Chip tone="bad">{t("browse.dangerous")}</Chip>}
            <span>{reason}</span>
          </li>
        ))}
      </ul>
    </div>
  );
};

/** The readme of a plugin, sanitised. */
export const Readme = ({ text }: { text: string }) => {
  const { t } = useTexts();
  return (
    <section className={classes.readme} aria-label={t("browse.readme")}>
      <Markdown text={text} />
    </section>
  );
};
