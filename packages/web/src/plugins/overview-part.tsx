import type { InstalledPlugin } from "@hitagi/contract";
import { Button, Switch } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { Globe, HardDrive, Library, ShieldCheck } from "lucide-react";
import { useChange } from "../app/calls.ts";
import { client } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { Ticked } from "../design/ticked.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { type Permission, permissionsOf, permissionText, toggled, toPermissions } from "./permissions.ts";
import classes from "./plugin.module.css";
import { AllowButton, TrustLine } from "./plugin-trust.tsx";
import { PutBackButton } from "./put-back-button.tsx";

const icons: Record<Permission["kind"], typeof Globe> = { net: Globe, library: Library, files: HardDrive };

const PermissionRows = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const grant = useChange("grantPermissions");
  const { namespace, name } = plugin;
  const permissions = permissionsOf(plugin);
  const set = (wanted: Permission[], done: string) =>
    grant.run(
      { params: { namespace }, body: { permissions: toPermissions(wanted) } },
      { done, undo: () => grant.run({ params: { namespace }, body: { permissions: plugin.granted } }) },
    );
  const toggle = (one: Permission) =>
    set(
      toggled(permissions, one),
      one.granted ? t("plugins.taken", { name }) : t("plugins.granted", { name }),
    );
  const missing = permissions.filter(({ granted }) => !granted);
  const unconfined = plugin.confinement.files === "unconfined";
  if (permissions.length === 0 && !unconfined) {
    return (
      <Card>
        <Row
          lead={<ShieldCheck size={18} aria-hidden />}
          title={t("plugins.mayNothing")}
          about={t("plugins.mayNothingText")}
        />
      </Card>
    );
  }
  return (
    <Card>
      <ul>
        {unconfined && (
          <li>
            <Row
              lead={<HardDrive size={18} aria-hidden />}
              title={t("plugins.may.everyFile")}
              about={plugin.confinement.reason}
              facts={<Chip tone="bad">{t("plugins.noWalls")}</Chip>}
            />
          </li>
        )}
        {permissions.map((one) => {
          const Icon = icons[one.kind];
          const text = permissionText(one, t);
          return (
            <li key={one.id}>
              <Row
                lead={<Icon size={18} aria-hidden />}
                title={text}
                about={plugin.unavailableFiles?.find(({ path }) => path === one.value)?.reason}
                facts={!one.granted && <Chip tone="warn">{t("plugins.asked")}</Chip>}
                actions={
                  <Switch
                    checked={one.granted}
                    disabled={!mayManage}
                    onChange={() => void toggle(one)}
                    aria-label={text}
                  />
                }
              />
            </li>
          );
        })}
        {missing.length > 1 && mayManage && (
          <li>
            <Row
              title={t("plugins.asksMore", { count: missing.length })}
              actions={
                <Button
                  variant="light"
                  size="compact-sm"
                  onClick={() => void set(permissions, t("plugins.granted", { name }))}
                >
                  {t("plugins.grantAll")}
                </Button>
              }
            />
          </li>
        )}
      </ul>
    </Card>
  );
};

/** Why a plugin does not run, and what lets it run again. */
const HealthCard = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const reinstall = useChange("reinstallPlugin");
  const { namespace, name, health, origin } = plugin;
  const { state, cause, reason } = health;
  if (state === "ok") return null;
  const again = (
    <Button
      size="compact-sm"
      variant="light"
      loading={reinstall.busy}
      onClick={() =>
        void reinstall.run({ params: { namespace } }, { done: t("plugins.reinstalled", { name }) })
      }
    >
      {t("plugins.reinstall")}
    </Button>
  );
  const versions = (
    <Button
      size="compact-sm"
      variant="light"
      renderRoot={(props) => (
        <Link to="/plugins/$namespace" params={{ namespace }} search={{ part: "versions" }} {...props} />
      )}
    >
      {t("plugins.otherVersions")}
    </Button>
  );
  const allow = <AllowButton namespace={namespace} name={name} />;
  const cures = {
    changed: <PutBackButton namespace={namespace} name={name} />,
    blocked: allow,
    withdrawn: versions,
    yanked: (
      <>
        {versions}
        {allow}
      </>
    ),
  };
  return (
    <Card>
      <Row
        title={t(`plugins.health.${state}`)}
        about={reason && <Ticked text={reason} />}
        actions={mayManage && origin !== "builtin" && (cause ? cures[cause] : again)}
      />
    </Card>
  );
};

/** What a plugin is, what it may do, and its removal. */
export const OverviewPart = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const navigate = useNavigate();
  const mayManage = useMay("manage");
  const configure = useChange("configurePlugin");
  const uninstall = useChange("uninstallPlugin");
  const { namespace, name, version, manifest, type, origin } = plugin;
  const remove = async () => {
    const answer = await uninstall.run(
      { params: { namespace } },
      {
        done: t("plugins.removed", { name }),
        // The version is kept, with its settings and grants.
        undo: () => client.rollbackPlugin({ params: { namespace }, body: { version } }),
      },
    );
    if (answer) await navigate({ to: "/plugins" });
  };
  return (
    <>
      {manifest.description && <p>{manifest.description}</p>}
      <HealthCard plugin={plugin} />
      <Section title={t("plugins.permissions")} about={t("plugins.permissionsAbout")}>
        <PermissionRows plugin={plugin} />
      </Section>
      <Section title={t("plugins.about")}>
        <Card padded>
          <dl className={classes.facts2}>
            <dt>{t("plugins.author")}</dt>
            <dd>{manifest.author}</dd>
            <dt>{t("plugins.trustOf")}</dt>
            <dd>
              <TrustLine plugin={plugin} />
            </dd>
            <dt>{t("plugins.namespace")}</dt>
            <dd>
              <code>{namespace}</code>
            </dd>
            <dt>{t("plugins.runtime")}</dt>
            <dd>{plugin.runtime === "deno" ? "TypeScript" : "Perl"}</dd>
            {plugin.confinement.walls && (
              <>
                <dt>{t("plugins.walls")}</dt>
                <dd>{plugin.confinement.walls.join(", ")}</dd>
              </>
            )}
            {plugin.sha256 && (
              <>
                <dt>SHA-256</dt>
                <dd>
                  <code>{plugin.sha256}</code>
                </dd>
              </>
            )}
          </dl>
        </Card>
      </Section>
      {mayManage && (
        <div className={classes.buttons}>
          {type === "metadata" && (
            <Switch
              checked={plugin.enabled ?? false}
              label={t("plugins.enabled")}
              onChange={() =>
                void configure.run({ params: { namespace }, body: { enabled: !plugin.enabled } })
              }
            />
          )}
          {origin !== "builtin" && (
            <Button variant="default" loading={uninstall.busy} onClick={() => void remove()}>
              {t("plugins.uninstall")}
            </Button>
          )}
        </div>
      )}
    </>
  );
};
