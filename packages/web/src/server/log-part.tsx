import type { ServerLogLine } from "@hitagi/contract";
import { client } from "../app/client.ts";
import { LogList } from "../design/log-list.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./server.module.css";

/** The log of this server since it runs, as it is written. */
const LogPart = () => {
  const { t } = useTexts();
  return (
    <LogList<ServerLogLine>
      title={t("server.part.log")}
      about={t("server.logAbout")}
      empty={{ title: t("server.logEmpty") }}
      open={(query, signal) => client.streamServerLog({ query, signal })}
    >
      {({ details }) =>
        Object.keys(details).length > 0 && <span className={classes.soft}> {JSON.stringify(details)}</span>
      }
    </LogList>
  );
};

export default LogPart;
