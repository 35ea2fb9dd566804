import { Button } from "@mantine/core";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { useConfirm } from "../design/confirm.tsx";
import { Asked, Page, Section } from "../design/page.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./archive.module.css";
import { ArchiveChanges } from "./archive-changes.tsx";
import { ArchiveForm } from "./archive-form.tsx";
import { tagsIn } from "./archive-texts.ts";
import { BatchProgress } from "./batch-progress.tsx";
import { Cover } from "./cover.tsx";

const RunDialog = lazy(() => import("./run-dialog.tsx"));

type Metadata = CallOutput<"getArchiveMetadata">;

/** The tags by their namespaces; those without one come last. */
const byNamespace = (tags: string): [namespace: string, values: string[]][] => {
  const groups = new Map<string, string[]>();
  for (const tag of tagsIn(tags)) {
    const at = tag.indexOf(":");
    const namespace = at > 0 ? tag.slice(0, at) : "";
    groups.set(namespace, [...(groups.get(namespace) ?? []), tag.slice(at + 1)]);
  }
  return [...groups].sort(([a], [b]) => Number(a === "") - Number(b === "") || a.localeCompare(b));
};

const Tags = ({ tags }: { tags: string }) => {
  const { t } = useTexts();
  const groups = byNamespace(tags);
  if (groups.length === 0) return <p className={classes.soft}>{t("library.noTags")}</p>;
  return (
    <dl className={classes.tags}>
      {groups.map(([namespace, values]) => (
        <div key={namespace}>
          <dt>{namespace === "" ? t("library.field.tags") : namespace}</dt>
          <dd>
            {values.map((value) => (
              <Link
                key={value}
                to="/library"
                search={{ tag: namespace === "" ? value : `${namespace}:${value}` } as never}
              >
                <Chip>{value}</Chip>
              </Link>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
};

/** The pages as small pictures, each with a link to the page itself. */
const PageList = ({ id }: { id: string }) => {
  const { t } = useTexts();
  const pages = useCall("listPages", { params: { id } });
  const [shown, setShown] = useState(24);
  return (
    <Section title={t("library.pagesTitle")}>
      <Asked of={pages}>
        {({ pages: all }) => (
          <>
            <ol className={classes.pages}>
              {all.slice(0, shown).map((address, n) => (
                <li key={address}>
                  <a href={address.replace(/^\./, "")} target="_blank" rel="noreferrer">
                    <Cover id={id} page={n + 1} />
                    <span className={classes.pageNumber}>{t("library.page", { number: n + 1 })}</span>
                  </a>
                </li>
              ))}
            </ol>
            {all.length > shown && (
              <Button variant="default" onClick={() => setShown(shown + 120)}>
                {t("library.morePages", { count: all.length - shown })}
              </Button>
            )}
          </>
        )}
      </Asked>
    </Section>
  );
};

const Actions = ({ archive: { arcid: id, title } }: { archive: Metadata }) => {
  const { t } = useTexts();
  const [isRunning, setRunning] = useState(false);
  const confirm = useConfirm();
  const navigate = useNavigate();
  const remove = useChange("deleteArchive");
  const mayUse = useMay("use");
  const mayManage = useMay("manage");
  const onRemove = async () => {
    const yes = await confirm({
      title: t("library.remove.title", { title }),
      consequence: t("library.remove.consequence"),
      action: t("library.remove"),
    });
    if (!yes || !(await remove.run({ params: { id } }, { done: t("library.removed", { title }) }))) return;
    void navigate({ to: "/library" });
  };
  return (
    <>
      {mayUse && (
        <Button variant="default" onClick={() => setRunning(true)}>
          {t("library.runHere")}
        </Button>
      )}
      <Button
        component="a"
        href={`/api/archives/${id}/download`}
        download
        variant="default"
        leftSection={<Download size={16} aria-hidden />}
      >
        {t("library.download")}
      </Button>
      {mayManage && (
        <Button variant="light" color="red" loading={remove.busy} onClick={() => void onRemove()}>
          {t("library.remove")}
        </Button>
      )}
      <Suspense>
        {isRunning && <RunDialog target={{ ids: [id], count: 1 }} onClose={() => setRunning(false)} />}
      </Suspense>
    </>
  );
};

const Archive = ({ archive }: { archive: Metadata }) => {
  const { t, bytes } = useTexts();
  const mayUse = useMay("use");
  const [isEdited, setEdited] = useState(false);
  const { arcid: id, title, tags, summary, filename, extension, pagecount, size } = archive;
  return (
    <Page
      title={title}
      about={
        <>
          <Link to="/library">{t("library.back")}</Link> · {filename}.{extension} ·{" "}
          {t("library.pages", { count: pagecount })} · {bytes(size)}
        </>
      }
      actions={<Actions archive={archive} />}
    >
      <BatchProgress canChange={mayUse} />
      <div className={classes.head}>
        <div className={classes.cover}>
          <Cover id={id} />
        </div>
        <div className={classes.texts}>
          {isEdited ? (
            <ArchiveForm archive={archive} onEnd={() => setEdited(false)} />
          ) : (
            <>
              {summary !== "" && <p className={classes.summary}>{summary}</p>}
              <Tags tags={tags} />
              {mayUse && (
                <div>
                  <Button variant="default" onClick={() => setEdited(true)}>
                    {t("library.edit")}
                  </Button>
                </div>
              )}
            </>
          )}
        </div>
      </div>
      <ArchiveChanges id={id} />
      <PageList id={id} />
    </Page>
  );
};

/** One archive: its texts, what changed them, and its pages. */
export const ArchivePage = () => {
  const { t } = useTexts();
  const { id = "" } = useParams({ strict: false });
  const archive = useCall("getArchiveMetadata", { params: { id } });
  if (archive.data) return <Archive key={id} archive={archive.data} />;
  return (
    <Page title={t("app.archive")} about={<Link to="/library">{t("library.back")}</Link>}>
      <Asked of={archive}>{() => null}</Asked>
    </Page>
  );
};
