import "../design/choices.css";
import type { InstalledPlugin } from "@hitagi/contract";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCall } from "../app/calls.ts";
import { DeprecatedNotice } from "../browse/plugin-details.tsx";
import { Asked, Page } from "../design/page.tsx";
import { useShownPart } from "../design/use-shown-part.ts";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { HistoryPart } from "./history-part.tsx";
import { LogPart } from "./log-part.tsx";
import { NetworkPart } from "./network-part.tsx";
import { OverviewPart } from "./overview-part.tsx";
import { type PartId, partIds } from "./parts.ts";
import classes from "./plugin.module.css";
import { HealthChip, usePluginOrigin } from "./plugin-facts.tsx";
import { TrustChip } from "./plugin-trust.tsx";
import { PolicyPart } from "./policy-part.tsx";
import { SettingsPart } from "./settings-part.tsx";
import { TryPart } from "./try-part.tsx";
import { VersionsPart } from "./versions-part.tsx";

const route = getRouteApi("/plugins/$namespace");

const parts: Record<PartId, (props: { plugin: InstalledPlugin }) => React.ReactNode> = {
  overview: OverviewPart,
  settings: SettingsPart,
  policy: PolicyPart,
  try: TryPart,
  log: LogPart,
  network: NetworkPart,
  versions: VersionsPart,
  history: HistoryPart,
};

/** The parts that a plugin and a key have: only metadata plugins have rules for fields, and logs need all rights. */
const usePartsOf = ({ type, origin }: InstalledPlugin): PartId[] => {
  const [mayUse, mayManage] = [useMay("use"), useMay("manage")];
  const shown: Record<PartId, boolean> = {
    overview: true,
    settings: true,
    policy: type === "metadata",
    try: mayUse && type !== "login",
    log: mayManage,
    network: true,
    versions: origin !== "builtin",
    history: true,
  };
  return partIds.filter((id) => shown[id]);
};

const PluginParts = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const { part = "overview" } = route.useSearch();
  const ids = usePartsOf(plugin);
  const shown = ids.includes(part) ? part : "overview";
  const Part = parts[shown];
  const list = useShownPart(shown);
  return (
    <>
      <nav ref={list} aria-label={plugin.name} className={classes.parts}>
        {ids.map((id) => (
          <Link
            key={id}
            to="/plugins/$namespace"
            params={{ namespace: plugin.namespace }}
            search={id === "overview" ? {} : { part: id }}
            className={classes.part}
            activeOptions={{ exact: true, includeSearch: true }}
            aria-current={id === shown ? "true" : undefined}
            resetScroll={false}
          >
            {t(`plugins.part.${id}`)}
          </Link>
        ))}
      </nav>
      <Part plugin={plugin} />
    </>
  );
};

/** One installed plugin, in parts that the address names. */
export const PluginPage = () => {
  const { t } = useTexts();
  const { namespace } = route.useParams();
  const asked = useCall("getInstalled", { params: { namespace: namespace as never } });
  const origin = usePluginOrigin();
  const plugin = asked.data?.plugin;
  return (
    <Page
      title={plugin?.name ?? namespace}
      about={
        plugin && (
          <span className={classes.facts}>
            <span>{t(`plugins.kind.${plugin.type}`)}</span>
            <span>{plugin.version}</span>
            <span>{origin(plugin)}</span>
            <HealthChip health={plugin.health} />
            <TrustChip trust={plugin.trust} />
          </span>
        )
      }
    >
      <Asked of={asked}>
        {({ plugin: found, details }) => (
          <>
            {details?.deprecated && <DeprecatedNotice deprecated={details.deprecated} />}
            <PluginParts key={found.namespace} plugin={found} />
          </>
        )}
      </Asked>
    </Page>
  );
};
