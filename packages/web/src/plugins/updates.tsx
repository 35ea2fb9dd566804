import { describeHeld } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import { Changelog } from "../browse/plugin-details.tsx";
import { Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { Ticked } from "../design/ticked.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./plugins.module.css";
import { usePluginName } from "./use-plugin-name.ts";

const UpgradeDialog = lazy(() => import("./upgrade-dialog.tsx"));

const Versions = ({ from, to }: { from: string; to: string }) => (
  <span className={classes.version}>
    {from} <ArrowRight size={13} className={classes.arrow} aria-label="→" /> {to}
  </span>
);

/** The updates that can be installed, and those that the owner holds back. Nothing where there are none. */
export const Updates = () => {
  const { t } = useTexts();
  const { data } = useCall("listUpdates", {});
  /** The plugins whose upgrade is shown before it begins. */
  const [chosen, setChosen] = useState<string[] | null>(null);
  const skip = useChange("skipVersion");
  const unskip = useChange("unskipVersion");
  const mayManage = useMay("manage");
  const nameOf = usePluginName();
  const { updates = [], held = [] } = data ?? {};
  if (updates.length + held.length === 0) return null;
  return (
    <Section
      title={t("plugins.updates", { count: updates.length })}
      actions={
        mayManage &&
        updates.length > 0 && (
          <Button onClick={() => setChosen(updates.map(({ namespace }) => namespace))}>
            {t("plugins.updateAll")}
          </Button>
        )
      }
    >
      <Card>
        <ul>
          {updates.map(({ namespace, installed, update: version, registryName, changelog = [], waits }) => (
            <li key={namespace}>
              <Row
                title={
                  <>
                    <Link to="/plugins/$namespace" params={{ namespace }} search={{ part: "versions" }}>
                      {nameOf(namespace)}
                    </Link>
                    <Versions from={installed} to={version} />
                  </>
                }
                about={
                  <>
                    {registryName}
                    {waits && (
                      <span className={classes.waits}>
                        <Ticked text={waits.message} />
                      </span>
                    )}
                    <Changelog changes={changelog} />
                  </>
                }
                actions={
                  mayManage && (
                    <>
                      <Button
                        variant="subtle"
                        size="compact-sm"
                        aria-label={t("plugins.skipOf", { name: nameOf(namespace) })}
                        onClick={() =>
                          void skip.run(
                            { params: { namespace }, body: { version } },
                            {
                              done: t("plugins.skipped", { name: nameOf(namespace), version }),
                              undo: () => unskip.run({ params: { namespace }, body: { version } }),
                            },
                          )
                        }
                      >
                        {t("plugins.skip")}
                      </Button>
                      <Button
                        variant="light"
                        size="compact-sm"
                        aria-label={t("plugins.updateOf", { name: nameOf(namespace) })}
                        onClick={() => setChosen([namespace])}
                      >
                        {t("plugins.update")}
                      </Button>
                    </>
                  )
                }
              />
            </li>
          ))}
          {held.map((one) => (
            <li key={one.namespace}>
              <Row
                title={
                  <>
                    <Link
                      to="/plugins/$namespace"
                      params={{ namespace: one.namespace }}
                      search={{ part: "versions" }}
                    >
                      {nameOf(one.namespace)}
                    </Link>
                    <Versions from={one.installed} to={one.update} />
                  </>
                }
                about={describeHeld(one).text}
              />
            </li>
          ))}
        </ul>
      </Card>
      <Suspense>{chosen && <UpgradeDialog namespaces={chosen} onClose={() => setChosen(null)} />}</Suspense>
    </Section>
  );
};
