import type { InstalledPlugin } from "@hitagi/contract";
import { Button, TextInput } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import { client } from "../app/client.ts";
import { Changelog } from "../browse/plugin-details.tsx";
import { Chip } from "../design/chip.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { Ticked } from "../design/ticked.tsx";
import { When } from "../design/when.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./plugin.module.css";

const InstallDialog = lazy(() => import("../browse/install-dialog.tsx"));

const HoldCard = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const { namespace, name, version } = plugin;
  const hold = useChange("holdPlugin");
  const unhold = useChange("unholdPlugin");
  const [note, setNote] = useState("");
  const held = plugin.updates?.hold;
  const params = { namespace };
  if (held) {
    return (
      <Card>
        <Row
          title={t("plugins.heldAt", { version: held.at })}
          about={held.note}
          facts={<When at={held.since} />}
          actions={
            <Button
              variant="default"
              size="compact-sm"
              onClick={() =>
                void unhold.run(
                  { params },
                  {
                    done: t("plugins.unheld", { name }),
                    undo: () =>
                      client.holdPlugin({
                        params,
                        body: { at: held.at, ...(held.note && { note: held.note }) },
                      }),
                  },
                )
              }
            >
              {t("plugins.unhold")}
            </Button>
          }
        />
      </Card>
    );
  }
  return (
    <Card padded>
      <form
        className={classes.buttons}
        onSubmit={(event) => {
          event.preventDefault();
          void hold.run(
            { params, body: { at: version, ...(note !== "" && { note }) } },
            { done: t("plugins.heldNow", { name, version }), undo: () => client.unholdPlugin({ params }) },
          );
        }}
      >
        <TextInput
          aria-label={t("plugins.note")}
          placeholder={t("plugins.note")}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={hold.busy}>
          {t("plugins.hold", { version })}
        </Button>
      </form>
    </Card>
  );
};

const Kept = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const rollback = useChange("rollbackPlugin");
  const { namespace, name, version: current } = plugin;
  const asked = useCall("listKeptVersions", { params: { namespace } });
  return (
    <Section title={t("plugins.kept")} about={t("plugins.keptAbout")}>
      <Asked of={asked}>
        {({ versions }) => (
          <Card>
            <ul>
              {versions.map((one) => (
                <li key={`${one.version} ${one.sha256}`}>
                  <Row
                    title={
                      <>
                        {one.version}
                        {one.current && <Chip tone="accent">{t("plugins.installed")}</Chip>}
                      </>
                    }
                    about={
                      <>
                        {one.left && t(`plugins.left.${one.left.reason}`)}
                        {one.against && (
                          <span className={classes.against}>
                            <Ticked text={one.against.message} />
                          </span>
                        )}
                      </>
                    }
                    facts={<When at={one.installed} />}
                    actions={
                      mayManage &&
                      !one.current && (
                        <Button
                          variant="default"
                          size="compact-sm"
                          loading={rollback.busy}
                          aria-label={t("plugins.backTo", { version: one.version })}
                          onClick={() =>
                            void rollback.run(
                              { params: { namespace }, body: { version: one.version } },
                              {
                                done: t("plugins.isBack", { name, version: one.version }),
                                undo: () =>
                                  client.rollbackPlugin({
                                    params: { namespace },
                                    body: { version: current },
                                  }),
                              },
                            )
                          }
                        >
                          {t("plugins.back")}
                        </Button>
                      )
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

const About = ({
  version: { version, description },
  changelog,
}: {
  version: { version: string; description: string };
  changelog: string | undefined;
}) => (
  <>
    {description}
    {changelog && <Changelog changes={[{ version, changelog }]} />}
  </>
);

const Offered = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const [chosen, setChosen] = useState<string | null>(null);
  const { namespace, name, version: current, registry } = plugin;
  const asked = useCall("getAvailable", { params: { namespace } });
  const { versions = [], details } = asked.data?.offers.find((offer) => offer.registry === registry) ?? {};
  const changelogOf = (version: string) =>
    details?.versions.find((one) => one.version === version)?.changelog;
  if (registry === null || versions.length === 0) return null;
  return (
    <Section title={t("plugins.offered")}>
      <Card>
        <ul>
          {versions.map((one) => (
            <li key={one.version}>
              <Row
                title={
                  <>
                    {one.version}
                    {one.version === current && <Chip tone="accent">{t("plugins.installed")}</Chip>}
                  </>
                }
                about={<About version={one} changelog={changelogOf(one.version)} />}
                facts={<When at={Date.parse(one.published_at) / 1000 || 0} />}
                actions={
                  mayManage &&
                  one.version !== current && (
                    <Button
                      variant="default"
                      size="compact-sm"
                      aria-label={t("plugins.installOf", { version: one.version })}
                      onClick={() => setChosen(one.version)}
                    >
                      {t("plugins.install")}
                    </Button>
                  )
                }
              />
            </li>
          ))}
        </ul>
      </Card>
      <Suspense>
        {chosen !== null && (
          <InstallDialog
            {...{ namespace, registry, name }}
            version={chosen}
            onClose={() => setChosen(null)}
          />
        )}
      </Suspense>
    </Section>
  );
};

/** The versions to go to and to go back to, and what the owner decided about them. */
export const VersionsPart = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const unskip = useChange("unskipVersion");
  const { namespace } = plugin;
  return (
    <>
      {mayManage && (
        <Section title={t("plugins.holding")} about={t("plugins.holdingAbout")}>
          <HoldCard plugin={plugin} />
          {plugin.updates?.skipped?.map(({ version, note, since, reason }) => (
            <Card key={version}>
              <Row
                title={t(`plugins.skippedBy.${reason}`, { version })}
                about={note}
                facts={<When at={since} />}
                actions={
                  <Button
                    variant="default"
                    size="compact-sm"
                    onClick={() => void unskip.run({ params: { namespace }, body: { version } })}
                  >
                    {t("plugins.offerAgain")}
                  </Button>
                }
              />
            </Card>
          ))}
        </Section>
      )}
      <Offered plugin={plugin} />
      <Kept plugin={plugin} />
    </>
  );
};
