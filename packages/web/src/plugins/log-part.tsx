import type { InstalledPlugin, PluginLogLine } from "@hitagi/contract";
import { client } from "../app/client.ts";
import { LogList } from "../design/log-list.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./plugin.module.css";

/** The plugin's log on all servers, as it is written. */
export const LogPart = ({ plugin: { namespace } }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  return (
    <LogList<PluginLogLine>
      title={t("plugins.part.log")}
      about={t("plugins.logAbout")}
      empty={{ title: t("plugins.logEmpty"), text: t("plugins.logEmptyText") }}
      open={(query, signal) => client.streamPluginLog({ params: { namespace }, query, signal })}
    >
      {({ archive }) => archive && <span className={classes.soft}> {archive.title}</span>}
    </LogList>
  );
};
