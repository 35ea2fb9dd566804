import "../design/choices.css";
import type { InstalledPlugin, PluginType } from "@hitagi/contract";
import { Button, Switch } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Blocks } from "lucide-react";
import { useCall, useChange } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { Empty } from "../design/empty.tsx";
import { Asked, Card, Page, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { Rows } from "../design/rows.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { ChainOrder } from "./chain-order.tsx";
import { isWaiting, permissionWords } from "./permissions.ts";
import { HealthChip, usePluginOrigin } from "./plugin-facts.tsx";
import { TrustLine } from "./plugin-trust.tsx";
import classes from "./plugins.module.css";
import { Updates } from "./updates.tsx";

const types: PluginType[] = ["metadata", "download", "login", "script"];

const EnabledSwitch = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const { run } = useChange("configurePlugin");
  const { namespace, name, enabled = false } = plugin;
  const set = (on: boolean) => run({ params: { namespace }, body: { enabled: on } });
  return (
    <Switch
      checked={enabled}
      disabled={!mayManage}
      onChange={() => void set(!enabled)}
      label={t("plugins.enabled")}
      aria-label={t("plugins.enabledOf", { name })}
      labelPosition="left"
      size="sm"
    />
  );
};

const PluginRow = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t, list } = useTexts();
  const origin = usePluginOrigin();
  const words = permissionWords(plugin.granted, plugin.confinement, t);
  const { namespace, name, version, type, health } = plugin;
  return (
    <Row
      title={
        <>
          <Link to="/plugins/$namespace" params={{ namespace }}>
            {name}
          </Link>
          <span className={classes.version}>{version}</span>
          {health.state !== "ok" && <HealthChip health={health} />}
          {isWaiting(plugin) && <Chip tone="warn">{t("plugins.waits")}</Chip>}
        </>
      }
      about={
        <>
          {words.length > 0 ? t("plugins.may", { what: list(words) }) : t("plugins.mayNothing")}
          <TrustLine plugin={plugin} />
        </>
      }
      facts={<span className={classes.origin}>{origin(plugin)}</span>}
      actions={type === "metadata" && <EnabledSwitch plugin={plugin} />}
    />
  );
};

/** Every installed plugin: updates first, then the order of those that run on archives, then all by type. */
export const PluginsPage = () => {
  const { t } = useTexts();
  const installed = useCall("listInstalled", {});
  const all = installed.data?.plugins ?? [];
  return (
    <Page
      title={t("app.plugins")}
      about={installed.data ? t("plugins.count", { count: all.length }) : "\u00a0"}
      actions={
        <Button variant="default" renderRoot={(props) => <Link to="/browse" {...props} />}>
          {t("plugins.add")}
        </Button>
      }
    >
      <Updates />
      <ChainOrder />
      <Asked of={installed}>
        {({ plugins }) =>
          plugins.length === 0 ? (
            <Empty
              icon={Blocks}
              title={t("plugins.none")}
              text={t("plugins.noneText")}
              action={
                <Button renderRoot={(props) => <Link to="/browse" {...props} />}>{t("plugins.add")}</Button>
              }
            />
          ) : (
            types
              .map((type) => ({ type, ofType: plugins.filter((one) => one.type === type) }))
              .filter(({ ofType }) => ofType.length > 0)
              .map(({ type, ofType }) => (
                <Section key={type} title={t(`plugins.type.${type}`)} about={t(`plugins.typeAbout.${type}`)}>
                  <Card>
                    <Rows
                      items={ofType}
                      label={t(`plugins.type.${type}`)}
                      keyOf={({ namespace }) => namespace}
                      estimate={92}
                    >
                      {(plugin) => <PluginRow plugin={plugin} />}
                    </Rows>
                  </Card>
                </Section>
              ))
          )
        }
      </Asked>
    </Page>
  );
};
