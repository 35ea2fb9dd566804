import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Compass, Search, SearchX } from "lucide-react";
import { useMemo } from "react";
import { useAddress } from "../app/address.ts";
import { useCall } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { usePages } from "../app/use-pages.ts";
import { Chip } from "../design/chip.tsx";
import { Empty } from "../design/empty.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { FilterSelect } from "../design/filter-select.tsx";
import { Asked, Card, Page } from "../design/page.tsx";
import { PagedRows } from "../design/rows.tsx";
import { SearchField } from "../design/search-field.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./browse.module.css";
import { InstallsUnderWay } from "./install-progress.tsx";

type Offer = CallOutput<"searchAvailable">["items"][number];

const PAGE = 100;
const types = ["metadata", "download", "login", "script"] as const;
const permissions = ["none", "net", "library", "files"] as const;
const states = ["new", "installed", "update"] as const;

const OfferLine = ({ offer, registryName }: { offer: Offer; registryName: string }) => {
  const { t } = useTexts();
  const { namespace, name, type, version, author, description, registry, installed, update } = offer;
  return (
    <div className={classes.line}>
      <div className={classes.words}>
        <span>
          <Link
            to="/browse/$namespace"
            params={{ namespace }}
            search={{ registry } as never}
            className={classes.name}
          >
            {name}
          </Link>{" "}
          <span className={classes.soft}>
            {version} · {author} · {registryName}
          </span>
        </span>
        <span className={classes.description}>{description}</span>
      </div>
      <span className={classes.chips}>
        <Chip>{t(`browse.type.${type}`)}</Chip>
        {update !== null ? (
          <Chip tone="accent">{t("browse.updateTo", { version: update })}</Chip>
        ) : (
          installed !== null && <Chip tone="good">{t("browse.installed", { version: installed })}</Chip>
        )}
      </span>
    </div>
  );
};

/** The plugins of all registries as one types, with filters that stand in the address. */
export const BrowsePage = () => {
  const { t } = useTexts();
  const { search, change } = useAddress();
  const registries = useCall("listRegistries", {});
  const q = search.q ?? "";
  const type = types.find((one) => one === search.type);
  const asks = permissions.find((one) => one === search.asks);
  const state = states.find((one) => one === search.state);
  const registry = search.registry ?? "";
  const query = useMemo(
    () => ({
      ...(q !== "" && { q }),
      ...(type && { type }),
      ...(asks && { asks }),
      ...(state === "new" && { installed: false }),
      ...(state === "installed" && { installed: true }),
      ...(state === "update" && { update: true }),
    }),
    [q, type, asks, state],
  );
  const all = usePages("searchAvailable", { query }, PAGE, registry === "");
  const ofOne = usePages("listOffered", { params: { id: registry }, query }, PAGE, registry !== "");
  const offers = registry === "" ? all : ofOne;
  const nameOf = (id: string): string => registries.data?.registries.find((one) => one.id === id)?.name ?? id;
  const isFiltered =
    q !== "" || type !== undefined || asks !== undefined || state !== undefined || registry !== "";
  const hasNone = registries.data?.registries.length === 0;
  return (
    <Page
      title={t("app.browse")}
      about={offers.total === undefined ? "\u00a0" : t("browse.count", { count: offers.total })}
    >
      <InstallsUnderWay />
      <search className={classes.filters}>
        <SearchField
          className={classes.search}
          label={t("browse.search")}
          icon={Search}
          value={q}
          onChange={(next) => change({ q: next })}
        />
        <FilterSelect
          label={t("browse.type")}
          any={t("browse.type.any")}
          value={type}
          choices={types.map((one) => ({ value: one, label: t(`browse.type.${one}`) }))}
          onChange={(next) => change({ type: next })}
        />
        <FilterSelect
          label={t("browse.asks")}
          any={t("browse.asks.any")}
          value={asks}
          choices={permissions.map((one) => ({ value: one, label: t(`browse.asks.${one}`) }))}
          onChange={(next) => change({ asks: next })}
        />
        <FilterSelect
          label={t("browse.state")}
          any={t("browse.state.any")}
          value={state}
          choices={states.map((one) => ({ value: one, label: t(`browse.state.${one}`) }))}
          onChange={(next) => change({ state: next })}
        />
        <FilterSelect
          label={t("browse.registry")}
          any={t("browse.registry.any")}
          value={registry}
          choices={(registries.data?.registries ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(next) => change({ registry: next })}
        />
      </search>
      {offers.error !== null && <FaultCard error={offers.error} retry={offers.refetch} />}
      <Asked of={{ data: offers.total, error: null, refetch: offers.refetch }}>
        {(count) => {
          if (count > 0)
            return (
              <Card>
                <PagedRows
                  pages={offers}
                  label={t("app.browse")}
                  estimate={66}
                  waiting={<div className={classes.line} />}
                >
                  {(offer) => <OfferLine offer={offer} registryName={nameOf(offer.registry)} />}
                </PagedRows>
              </Card>
            );
          if (isFiltered)
            return (
              <Empty
                icon={SearchX}
                title={t("browse.nothing")}
                text={t(asks ? "browse.asksText" : "browse.nothingText")}
                action={
                  <Button
                    variant="default"
                    onClick={() =>
                      change({
                        ...{ q: undefined, type: undefined, asks: undefined },
                        ...{ state: undefined, registry: undefined },
                      })
                    }
                  >
                    {t("library.clearFilters")}
                  </Button>
                }
              />
            );
          return (
            <Empty
              icon={Compass}
              title={t(hasNone ? "browse.noRegistries" : "browse.noPlugins")}
              text={t(hasNone ? "browse.noRegistriesText" : "browse.noPluginsText")}
              action={<Link to="/registries">{t("app.registries")}</Link>}
            />
          );
        }}
      </Asked>
    </Page>
  );
};
