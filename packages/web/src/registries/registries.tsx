import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { RefreshCw, Warehouse } from "lucide-react";
import { useState } from "react";
import { useAddress } from "../app/address.ts";
import { useCall, useChange } from "../app/calls.ts";
import { Empty } from "../design/empty.tsx";
import { Asked, Page } from "../design/page.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { AddRegistry } from "./add-registry.tsx";
import classes from "./registries.module.css";
import { RegistryCard } from "./registry-card.tsx";

/** The registries, each with its state, and the form that adds one. */
export const RegistriesPage = () => {
  const { t } = useTexts();
  const registries = useCall("listRegistries", {});
  const standard = useCall("getDefaultRegistry", {});
  const refresh = useChange("refreshRegistries");
  const mayManage = useMay("manage");
  // A badge of a registry leads here with its address.
  const offered = useAddress().search.add;
  const [isAdding, setAdding] = useState(offered !== undefined);
  const count = registries.data?.registries.length ?? 0;
  const refreshAll = () =>
    void refresh.run(
      {},
      {
        done: ({ registries: all }) => ({
          text: t("registries.refreshedAll", {
            count: all.length,
            failed: all.filter(({ code }) => code !== undefined).length,
          }),
        }),
      },
    );
  return (
    <Page
      title={t("app.registries")}
      about={t("registries.about")}
      actions={
        mayManage && (
          <>
            {count > 0 && (
              <Button
                variant="default"
                leftSection={<RefreshCw size={15} aria-hidden />}
                loading={refresh.busy}
                onClick={refreshAll}
              >
                {t("registries.refreshAll")}
              </Button>
            )}
            <Button onClick={() => setAdding(true)} disabled={isAdding}>
              {t("registries.add")}
            </Button>
          </>
        )
      }
    >
      {isAdding && <AddRegistry offered={offered ?? ""} onEnd={() => setAdding(false)} />}
      <Asked of={registries}>
        {({ registries: all }) =>
          all.length === 0 && !isAdding ? (
            <Empty
              icon={Warehouse}
              title={t("registries.none")}
              text={t("registries.noneText")}
              action={mayManage && <Button onClick={() => setAdding(true)}>{t("registries.add")}</Button>}
            />
          ) : (
            <ul className={classes.list}>
              {all.map((registry) => (
                <RegistryCard
                  key={registry.id}
                  registry={registry}
                  isDefault={standard.data?.id === registry.id}
                  mayManage={mayManage}
                />
              ))}
            </ul>
          )
        }
      </Asked>
      {count > 0 && (
        <p className={classes.soft}>
          <Link to="/browse">{t("registries.browse")}</Link>
        </p>
      )}
    </Page>
  );
};
