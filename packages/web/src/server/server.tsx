import "../design/choices.css";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Page, Waiting } from "../design/page.tsx";
import { useShownPart } from "../design/use-shown-part.ts";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { type PartId, partIds } from "./parts.ts";
import classes from "./server.module.css";

const parts: Record<PartId, ReturnType<typeof lazy>> = {
  health: lazy(() => import("./health-part.tsx")),
  settings: lazy(() => import("./settings-part.tsx")),
  policy: lazy(() => import("./policy-part.tsx")),
  tags: lazy(() => import("./tags-part.tsx")),
  installs: lazy(() => import("./installs-part.tsx")),
  blocks: lazy(() => import("./blocks-part.tsx")),
  keys: lazy(() => import("./keys-part.tsx")),
  sessions: lazy(() => import("./sessions-part.tsx")),
  notifications: lazy(() => import("./notifications-part.tsx")),
  log: lazy(() => import("./log-part.tsx")),
  backup: lazy(() => import("./backup-part.tsx")),
  lockfile: lazy(() => import("./lockfile-part.tsx")),
  appearance: lazy(() => import("./appearance-part.tsx")),
  about: lazy(() => import("./about-part.tsx")),
};

/** Parts whose calls need all rights. */
const forManagers = new Set<PartId>([
  "settings",
  "policy",
  "tags",
  "installs",
  "blocks",
  "keys",
  "notifications",
  "log",
  "backup",
  "lockfile",
]);

/** The server, in parts that the address names. */
export const ServerPage = () => {
  const { t } = useTexts();
  const { part } = useParams({ strict: false });
  const mayManage = useMay("manage");
  const ids = partIds.filter((id) => mayManage || !forManagers.has(id));
  const shown = ids.find((id) => id === part) ?? "health";
  const Part = parts[shown];
  const list = useShownPart(shown);
  return (
    <Page title={t("app.server")}>
      <div className={classes.frame}>
        <nav ref={list} aria-label={t("app.server")} className={classes.parts}>
          {ids.map((id) => (
            <Link
              key={id}
              to="/server/$part"
              params={{ part: id }}
              className={classes.part}
              aria-current={id === shown ? "true" : undefined}
            >
              {t(`server.part.${id}`)}
            </Link>
          ))}
        </nav>
        <div className={classes.shown}>
          <Suspense fallback={<Waiting />}>
            <Part />
          </Suspense>
        </div>
      </div>
    </Page>
  );
};
