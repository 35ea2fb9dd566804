import type { InstalledPlugin } from "@hitagi/contract";
import { useQueries } from "@tanstack/react-query";
import { Ban, FileWarning, GitFork, ListX, type LucideIcon, MapPin, ShieldAlert, Undo2 } from "lucide-react";
import { callOptions, useCall } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { Ticked } from "../design/ticked.tsx";
import { PutBackButton } from "../plugins/put-back-button.tsx";
import { FollowButton } from "../registries/follow-button.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { LinkButton, type Need, RefreshButton } from "./need.tsx";

type Registry = CallOutput<"listRegistries">["registries"][number];
type Cause = NonNullable<InstalledPlugin["health"]["cause"]>;

const icons: Record<Cause, LucideIcon> = {
  ...{ changed: FileWarning, blocked: Ban, withdrawn: Undo2, yanked: ShieldAlert },
};

/** A plugin that is quarantined for another cause than that it failed. */
export const useQuarantineNeed = (): ((plugin: InstalledPlugin, cause: Cause) => Need) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  return ({ namespace, name, version, health: { reason } }, cause) => {
    const hasOthers = cause === "withdrawn" || cause === "yanked";
    const place = hasOthers ? `/plugins/${namespace}?part=versions` : `/plugins/${namespace}`;
    return {
      id: `health ${namespace}`,
      icon: icons[cause],
      title: t(`home.health.${cause}`, { name, version }),
      about: cause === "changed" ? t("home.changedText") : reason && <Ticked text={reason} />,
      action:
        cause === "changed" && mayManage ? (
          <PutBackButton namespace={namespace} name={name} />
        ) : (
          <LinkButton href={place}>{t("home.look")}</LinkButton>
        ),
    };
  };
};

const DAY = 86_400;

/** Whether a failed refresh passes by itself: a slow cache, or a registry that is being published. */
const mayPass = ({ code, since, at }: NonNullable<Registry["failure"]>): boolean =>
  code === "REGISTRY_TORN" || (code === "REGISTRY_BEHIND" && Date.now() / 1000 - (since ?? at) < DAY);

/** Failures that another try does not cure. */
const lasting = new Set([
  "HEAD_INVALID",
  "SIGNATURE_MISSING",
  "SIGNATURE_REQUIRED",
  "ORIGIN_CHANGED",
  "ORIGIN_TAKEN",
  "RECOVERY_KEY_CHANGED",
  "KEYS_NOT_CERTIFIED",
  "SIGNATURE_UNKNOWN",
  "KEYS_FORKED",
  "HEAD_FORKED",
  "HEAD_ROLLED_BACK",
  "INDEX_MISMATCH",
  "VERSION_REMOVED",
  "VERSION_CHANGED",
]);

/** The registries with evidence of a fork that is younger than their epoch: a new epoch heals one. */
const useForked = (registries: readonly Registry[]): Registry[] => {
  const suspects = registries.filter(({ trust }) => (trust?.evidence ?? 0) > 0);
  const answers = useQueries({
    queries: suspects.map(({ id }) => callOptions("listEvidence", { params: { id } })),
  });
  return suspects.filter(({ trust }, n) => {
    const latest = answers[n]?.data?.evidence.at(-1)?.found;
    return latest !== undefined && latest >= (trust?.epochSince ?? 0);
  });
};

/** Block lists that were never loaded: nothing is installed until they are. */
export const useBlockListNeeds = (): Need[] => {
  const { t } = useTexts();
  const lists = useCall("getBlockLists", {}).data?.lists ?? [];
  return lists
    .filter(({ loaded }) => loaded === null)
    .map(({ name, failure }) => ({
      id: `block list ${name}`,
      icon: ListX,
      title: t("home.blockList", { name }),
      about: failure && <Ticked text={failure.error} />,
      action: <LinkButton href="/server/blocks">{t("home.look")}</LinkButton>,
    }));
};

/** What of the registries needs the owner: forks, moves, heads that look odd, and those that could not be read. */
export const useRegistryNeeds = (): Need[] => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const registries = useCall("listRegistries", {}).data?.registries ?? [];
  const forked = useForked(registries);
  const look = (id: string) => <LinkButton href={`/registries/${id}`}>{t("home.look")}</LinkButton>;
  const failed = registries.flatMap(({ id, name, failure }) =>
    failure === undefined || mayPass(failure)
      ? []
      : [
          {
            id: `registry ${id}`,
            icon: ShieldAlert,
            title: t(lasting.has(failure.code) ? "home.refused" : "home.registry", { name }),
            about: <Ticked text={failure.error} />,
            action: lasting.has(failure.code) ? look(id) : mayManage && <RefreshButton id={id} name={name} />,
          },
        ],
  );
  const moved = registries.flatMap((registry) => {
    const { id, name, trust } = registry;
    const address = trust?.movedTo;
    const isOffered = trust?.warnings.some(({ code }) => code === "REGISTRY_MOVED");
    if (address === undefined || !isOffered) return [];
    return {
      id: `moved ${id}`,
      icon: MapPin,
      title: t("home.moved", { name }),
      about: address,
      action: mayManage ? <FollowButton registry={registry} address={address} /> : look(id),
    };
  });
  const odd = registries.flatMap(({ id, name, trust }) =>
    (trust?.warnings ?? [])
      .filter(({ code }) => code !== "REGISTRY_MOVED")
      .map(({ code }) => ({
        id: `${code} ${id}`,
        icon: ShieldAlert,
        title: t(`home.warning.${code as "PIN_PROVISIONAL"}`, { name }),
        action: look(id),
      })),
  );
  return [
    ...forked.map(({ id, name }) => ({
      id: `forked ${id}`,
      icon: GitFork,
      title: t("home.forked", { name }),
      about: t("home.forkedText"),
      action: look(id),
    })),
    ...failed,
    ...moved,
    ...odd,
  ];
};
