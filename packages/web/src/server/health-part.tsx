import { isClockOff } from "@hitagi/contract";
import { useCall } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { Ticked } from "../design/ticked.tsx";
import { When } from "../design/when.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { Doctor } from "./doctor.tsx";

const Nodes = () => {
  const { t } = useTexts();
  const asked = useCall("listNodes", {});
  return (
    <Section title={t("server.nodes")} about={t("server.nodesAbout")}>
      <Asked of={asked}>
        {({ nodes }) => (
          <Card>
            <ul>
              {nodes.map((node) => (
                <li key={node.id}>
                  <Row
                    title={
                      <>
                        {node.host}
                        {node.self && <Chip tone="accent">{t("server.thisOne")}</Chip>}
                        {!node.current && <Chip tone="warn">{t("server.behind")}</Chip>}
                        {isClockOff(node) && (
                          <Chip tone="warn">{t("server.clockOff", { seconds: node.ahead })}</Chip>
                        )}
                      </>
                    }
                    about={[node.address, node.version].filter(Boolean).join(" · ")}
                    facts={
                      <span>
                        {t("server.started")} <When at={node.started} />
                      </span>
                    }
                  />
                </li>
              ))}
            </ul>
          </Card>
        )}
      </Asked>
    </Section>
  );
};

const BadRecords = () => {
  const { t } = useTexts();
  const asked = useCall("listBadRecords", {});
  if (asked.data?.records.length === 0) return null;
  return (
    <Section title={t("server.badRecords")} about={t("server.badRecordsAbout")}>
      <Asked of={asked}>
        {({ records }) => (
          <Card>
            <ul>
              {records.map(({ place, reason, remove }) => (
                <li key={place}>
                  <Row title={place} about={reason} facts={<code>{remove}</code>} />
                </li>
              ))}
            </ul>
          </Card>
        )}
      </Asked>
    </Section>
  );
};

/** How the server is: its store, what runs plugins, and the servers beside it. */
const HealthPart = () => {
  const { t, list } = useTexts();
  const mayManage = useMay("manage");
  const asked = useCall("getHealth", {});
  const installed = useCall("listInstalled", {}).data?.plugins ?? [];
  /** What stands between the plugins of a runtime and this machine, as the server found it when it began to run one. */
  const wallsOf = (name: string): string => {
    const { walls = [], reason } = installed.find(({ runtime }) => runtime === name)?.confinement ?? {};
    return [
      ...(walls.length > 0 ? [t("server.walls", { walls: list(walls) })] : []),
      ...(reason ? [reason] : []),
    ].join(" ");
  };
  const state = (value: string) => (
    <Chip tone={value === "ok" ? "good" : value === "off" ? "plain" : "bad"}>
      {t(`server.state.${value as "ok"}`)}
    </Chip>
  );
  return (
    <>
      <Section title={t("server.part.health")}>
        <Asked of={asked}>
          {({ store, storeFault, artifacts, artifactsFault, runtimes, disk, plugins, quarantined }) => (
            <Card>
              <ul>
                <li>
                  <Row
                    title={t("server.store")}
                    about={storeFault && <Ticked text={storeFault.error} />}
                    facts={state(store)}
                  />
                </li>
                {artifacts && (
                  <li>
                    <Row
                      title={t("server.artifacts")}
                      about={artifactsFault && <Ticked text={artifactsFault.error} />}
                      facts={state(artifacts)}
                    />
                  </li>
                )}
                {Object.entries(runtimes).map(([name, value]) => (
                  <li key={name}>
                    <Row
                      title={t(`server.runtime.${name as "deno" | "perl"}`)}
                      about={<Ticked text={`${t(`server.runtimeAbout.${value}`)} ${wallsOf(name)}`} />}
                      facts={state(value)}
                    />
                  </li>
                ))}
                {disk && (
                  <li>
                    <Row
                      title={t("server.disk")}
                      facts={
                        <Chip tone={disk === "ok" ? "good" : disk === "low" ? "warn" : "bad"}>
                          {t(`server.disk.${disk}`)}
                        </Chip>
                      }
                    />
                  </li>
                )}
                <li>
                  <Row
                    title={t("server.pluginCount", { count: plugins })}
                    facts={
                      quarantined > 0 && (
                        <Chip tone="bad">{t("server.quarantined", { count: quarantined })}</Chip>
                      )
                    }
                  />
                </li>
              </ul>
            </Card>
          )}
        </Asked>
      </Section>
      {mayManage && <Doctor />}
      <Nodes />
      {mayManage && <BadRecords />}
    </>
  );
};

export default HealthPart;
