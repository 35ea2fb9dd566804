import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import {
  ArchiveX,
  Ban,
  CircleArrowUp,
  CircleX,
  Database,
  KeyRound,
  type LucideIcon,
  Undo2,
  Unplug,
} from "lucide-react";
import type { ReactNode } from "react";
import { useCall, useChange } from "../app/calls.ts";
import { Ticked } from "../design/ticked.tsx";
import { isWaiting, permissionsOf, permissionText } from "../plugins/permissions.ts";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";

/** Something that only the owner can settle. */
export interface Need {
  id: string;
  icon: LucideIcon;
  title: string;
  about?: ReactNode;
  /** The one button. */
  action: ReactNode;
}

const DAY = 86_400;

const LinkButton = ({ href, children }: { href: string; children: ReactNode }) => (
  <Button variant="light" size="compact-sm" renderRoot={(props) => <Link to={href} {...props} />}>
    {children}
  </Button>
);

const RefreshButton = ({ id, name }: { id: string; name: string }) => {
  const { t } = useTexts();
  const refresh = useChange("refreshRegistry");
  return (
    <Button
      variant="light"
      size="compact-sm"
      loading={refresh.busy}
      onClick={() => void refresh.run({ params: { id } }, { done: t("home.refreshed", { name }) })}
    >
      {t("home.refresh")}
    </Button>
  );
};

/** All that needs the owner, the most urgent first, and whether every part of it is known by now. */
export const useNeeds = (): { needs: Need[]; isKnown: boolean } => {
  const { t, list } = useTexts();
  const mayManage = useMay("manage");
  const health = useCall("getHealth", {});
  const installed = useCall("listInstalled", {});
  const updates = useCall("listUpdates", {});
  const failed = useCall("listJobs", { query: { state: "failed", size: 50 } });
  const registries = useCall("listRegistries", {});
  const problems = useCall("listLibraryProblems", {});
  const plugins = installed.data?.plugins ?? [];
  const since = Date.now() / 1000 - DAY;
  const late = (failed.data?.items ?? []).filter(({ finished }) => Number(finished) > since);
  const troubles = (problems.data?.problems ?? []).filter(
    ({ kind }) => !["ignored", "waiting"].includes(kind),
  );
  const offered = updates.data?.updates ?? [];
  const needs: Need[] = [
    ...(health.data?.store === "failed"
      ? [
          {
            id: "store",
            icon: Database,
            title: t("home.store"),
            about: health.data.storeFault?.error,
            action: <LinkButton href="/server/doctor">{t("home.look")}</LinkButton>,
          },
        ]
      : []),
    ...plugins
      .filter(({ health: { state } }) => state !== "ok")
      .map(({ namespace, name, health: { state, reason } }) => ({
        id: `health ${namespace}`,
        icon: Ban,
        title: t(`home.health.${state as "quarantined" | "missing" | "broken"}`, { name }),
        about: reason && <Ticked text={reason} />,
        action: <LinkButton href={`/plugins/${namespace}`}>{t("home.look")}</LinkButton>,
      })),
    ...plugins.filter(isWaiting).map((plugin) => ({
      id: `grant ${plugin.namespace}`,
      icon: KeyRound,
      title: t("home.waits", { name: plugin.name }),
      about: list(
        permissionsOf(plugin)
          .filter(({ granted }) => !granted)
          .map((one) => permissionText(one, t)),
      ),
      action: <LinkButton href={`/plugins/${plugin.namespace}`}>{t("home.decide")}</LinkButton>,
    })),
    ...(registries.data?.registries ?? [])
      .filter(({ failure }) => failure !== undefined)
      .map(({ id, name, failure }) => ({
        id: `registry ${id}`,
        icon: Unplug,
        title: t("home.registry", { name }),
        about: <Ticked text={failure?.error ?? ""} />,
        action: mayManage && <RefreshButton id={id} name={name} />,
      })),
    ...(late.length > 0
      ? [
          {
            id: "jobs",
            icon: CircleX,
            title: t("home.failed", { count: late.length }),
            about: <Ticked text={late[0]?.error ?? ""} />,
            action: <LinkButton href="/activity">{t("home.look")}</LinkButton>,
          },
        ]
      : []),
    ...(troubles.length > 0
      ? [
          {
            id: "problems",
            icon: ArchiveX,
            title: t("home.problems", { count: troubles.length }),
            about: troubles[0]?.file,
            action: <LinkButton href="/library">{t("home.look")}</LinkButton>,
          },
        ]
      : []),
    ...(offered.length > 0
      ? [
          {
            id: "updates",
            icon: CircleArrowUp,
            title: t("home.updates", { count: offered.length }),
            about: list(offered.slice(0, 5).map(({ namespace, update }) => `${namespace} ${update}`)),
            action: <LinkButton href="/plugins">{t("home.review")}</LinkButton>,
          },
        ]
      : []),
    ...(updates.data?.withdrawn ?? []).map(({ namespace, installed: version }) => ({
      id: `withdrawn ${namespace}`,
      icon: Undo2,
      title: t("home.withdrawn", { name: namespace, version }),
      action: <LinkButton href={`/plugins/${namespace}?part=versions`}>{t("home.look")}</LinkButton>,
    })),
  ];
  const isKnown = [health, installed, updates, failed, registries, problems].every(
    ({ data }) => data !== undefined,
  );
  return { needs, isKnown };
};
