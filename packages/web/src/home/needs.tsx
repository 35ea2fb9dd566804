import { ArchiveX, Ban, CircleArrowUp, CircleX, Database, HardDrive, KeyRound, Undo2 } from "lucide-react";
import { useCall } from "../app/calls.ts";
import { Ticked } from "../design/ticked.tsx";
import { isWaiting, permissionsOf, permissionText } from "../plugins/permissions.ts";
import { usePluginName } from "../plugins/use-plugin-name.ts";
import { useTexts } from "../texts/texts.ts";
import { LinkButton, type Need } from "./need.tsx";
import { useBlockListNeeds, useQuarantineNeed, useRegistryNeeds } from "./trust-needs.tsx";

const DAY = 86_400;

interface Needs {
  /** The most urgent first. */
  needs: Need[];
  /** Whether every call for them has ended. */
  isSettled: boolean;
  /** The first call that failed, so that not every part is known. */
  failed: { error: unknown; refetch: () => unknown } | undefined;
}

/** All that needs the owner. */
export const useNeeds = (): Needs => {
  const { t, list } = useTexts();
  const quarantineNeed = useQuarantineNeed();
  const registryNeeds = useRegistryNeeds();
  const blockListNeeds = useBlockListNeeds();
  const health = useCall("getHealth", {});
  const installed = useCall("listInstalled", {});
  const nameOf = usePluginName();
  const updates = useCall("listUpdates", {});
  const failed = useCall("listJobs", { query: { state: "failed", size: 50 } });
  const registries = useCall("listRegistries", {});
  const problems = useCall("listLibraryProblems", {});
  const blockLists = useCall("getBlockLists", {});
  const plugins = installed.data?.plugins ?? [];
  const disk = health.data?.disk;
  const since = Date.now() / 1000 - DAY;
  const late = (failed.data?.items ?? []).filter(({ finished }) => Number(finished) > since);
  const troubles = (problems.data?.problems ?? []).filter(
    ({ kind }) => !["ignored", "waiting"].includes(kind),
  );
  const offered = updates.data?.updates ?? [];
  // One that is quarantined for it has its card above.
  const isSetAside = (namespace: string) =>
    plugins.some((one) => one.namespace === namespace && one.health.cause === "withdrawn");
  const withdrawn = (updates.data?.withdrawn ?? []).filter(({ namespace }) => !isSetAside(namespace));
  const needs: Need[] = [
    ...(health.data?.store === "failed"
      ? [
          {
            id: "store",
            icon: Database,
            title: t("home.store"),
            about: health.data.storeFault?.error,
            action: <LinkButton href="/server/health">{t("home.look")}</LinkButton>,
          },
        ]
      : []),
    ...(disk === "low" || disk === "full"
      ? [
          {
            id: "disk",
            icon: HardDrive,
            title: t(`home.disk.${disk}`),
            action: <LinkButton href="/server/health">{t("home.look")}</LinkButton>,
          },
        ]
      : []),
    ...plugins
      .filter(({ health: { state } }) => state !== "ok")
      .map((plugin) => {
        const { namespace, name, health } = plugin;
        if (health.cause) return quarantineNeed(plugin, health.cause);
        return {
          id: `health ${namespace}`,
          icon: Ban,
          title: t(`home.health.${health.state as "quarantined" | "missing" | "broken"}`, { name }),
          about: health.reason && <Ticked text={health.reason} />,
          action: <LinkButton href={`/plugins/${namespace}`}>{t("home.look")}</LinkButton>,
        };
      }),
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
    ...registryNeeds,
    ...blockListNeeds,
    ...(late.length > 0
      ? [
          {
            id: "jobs",
            icon: CircleX,
            title: t("home.failed", { count: late.length }),
            about: <Ticked text={late[0]?.error ?? ""} />,
            action: <LinkButton href="/activity?state=failed">{t("home.look")}</LinkButton>,
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
            action: <LinkButton href="/library/problems">{t("home.look")}</LinkButton>,
          },
        ]
      : []),
    ...(offered.length > 0
      ? [
          {
            id: "updates",
            icon: CircleArrowUp,
            title: t("home.updates", { count: offered.length }),
            about: list(offered.slice(0, 5).map(({ namespace, update }) => `${nameOf(namespace)} ${update}`)),
            action: <LinkButton href="/plugins">{t("home.review")}</LinkButton>,
          },
        ]
      : []),
    ...withdrawn.map(({ namespace, installed: version }) => ({
      id: `withdrawn ${namespace}`,
      icon: Undo2,
      title: t("home.withdrawn", { name: nameOf(namespace), version }),
      action: <LinkButton href={`/plugins/${namespace}?part=versions`}>{t("home.look")}</LinkButton>,
    })),
  ];
  const asked = [health, installed, updates, failed, registries, problems, blockLists];
  return {
    needs,
    isSettled: asked.every(({ data, error }) => data !== undefined || error !== null),
    failed: asked.find(({ data, error }) => data === undefined && error !== null),
  };
};
