import { Button } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useAddress } from "../app/address.ts";
import { useCall } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { Empty } from "../design/empty.tsx";
import { Asked, Page, Section } from "../design/page.tsx";
import { When } from "../design/when.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./browse.module.css";
import { InstallsUnderWay } from "./install-progress.tsx";
import { Changelog, DeprecatedNotice, DetailLinks, Readme, YankedVersions } from "./plugin-details.tsx";

const InstallDialog = lazy(() => import("./install-dialog.tsx"));

type Offer = CallOutput<"getAvailable">["offers"][number];
type Version = Offer["versions"][number];

interface Chosen {
  registry: string;
  version: string;
  name: string;
}

interface VersionLineProps {
  version: Version;
  /** What the keeper says of it. */
  details: NonNullable<Offer["details"]>["versions"][number] | undefined;
  /** The version that is installed from this registry. */
  installed: string | undefined;
  onInstall: (() => void) | undefined;
}

const VersionLine = ({
  version: { version, published_at: published, description },
  details,
  installed,
  onInstall,
}: VersionLineProps) => {
  const { t, bytes } = useTexts();
  const at = Date.parse(published) / 1000;
  return (
    <li className={classes.version}>
      <strong>{version}</strong>
      {Number.isFinite(at) && (
        <span className={classes.soft}>
          <When at={at} />
        </span>
      )}
      {details?.size !== undefined && <span className={classes.soft}>{bytes(details.size)}</span>}
      <span className={classes.description}>{description}</span>
      {version === installed && <Chip tone="good">{t("browse.isInstalled")}</Chip>}
      {onInstall && (
        <Button size="compact-sm" variant="default" className={classes.push} onClick={onInstall}>
          {t(version === installed ? "browse.do.reinstall" : "browse.do.install")}
          <span className={classes.soft}>&nbsp;{version}</span>
        </Button>
      )}
      {details?.changelog && <Changelog changes={[{ version, changelog: details.changelog }]} />}
    </li>
  );
};

/** SemVer 2.0.0 §9: what follows a hyphen before the build. */
const isPrerelease = (version: string): boolean => (version.split("+")[0] ?? "").includes("-");

/** The versions that are shown at first; a plugin may have thousands. */
const SHOWN = 10;

interface OfferCardProps {
  offer: Offer;
  registryName: string;
  installed: string | undefined;
  onInstall: ((version: Version) => void) | undefined;
}

const OfferCard = ({ offer, registryName, installed, onInstall }: OfferCardProps) => {
  const { t } = useTexts();
  const { versions, type, details } = offer;
  const [shown, setShown] = useState(SHOWN);
  const newest = versions[0];
  // What an install without a version takes: a prerelease only where there is nothing else.
  const chosen = versions.find(({ version }) => !isPrerelease(version)) ?? newest;
  return (
    <Section
      title={registryName}
      actions={
        chosen &&
        onInstall &&
        chosen.version !== installed && (
          <Button onClick={() => onInstall(chosen)}>
            {t(installed === undefined ? "browse.install" : "browse.change", { version: chosen.version })}
          </Button>
        )
      }
    >
      <div className={classes.offer}>
        <div className={classes.head}>
          {details?.icon && <img src={details.icon} alt="" width={32} height={32} />}
          <Chip>{t(`browse.type.${type}`)}</Chip>
          {newest && (
            <span className={classes.soft}>
              {newest.author} · {t("browse.versions", { count: versions.length })}
            </span>
          )}
          {installed !== undefined && (
            <Chip tone="good">{t("browse.installed", { version: installed })}</Chip>
          )}
        </div>
        {details?.deprecated && <DeprecatedNotice deprecated={details.deprecated} />}
        {newest && <p>{newest.description}</p>}
        {details && <DetailLinks details={details} />}
        <ul className={classes.versions} aria-label={t("browse.versionList")}>
          {versions.slice(0, shown).map((version) => (
            <VersionLine
              key={version.version}
              version={version}
              details={details?.versions.find((one) => one.version === version.version)}
              installed={installed}
              onInstall={onInstall && (() => onInstall(version))}
            />
          ))}
        </ul>
        {versions.length > shown && (
          <div>
            <Button size="compact-sm" variant="subtle" onClick={() => setShown(shown + 100)}>
              {t("browse.moreVersions", { count: versions.length - shown })}
            </Button>
          </div>
        )}
        {details && <YankedVersions yanked={details.yanked} />}
        {details?.readme && <Readme text={details.readme} />}
      </div>
    </Section>
  );
};

/** One plugin as the registries offer it: each that does, with its versions, and what an install would do. */
export const OfferedPage = () => {
  const { t, list } = useTexts();
  const { namespace = "" } = useParams({ strict: false });
  const { search } = useAddress();
  const available = useCall("getAvailable", { params: { namespace } });
  const registries = useCall("listRegistries", {});
  const installed = useCall("listInstalled", {});
  const mayManage = useMay("manage");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const nameOf = (id: string): string => registries.data?.registries.find((one) => one.id === id)?.name ?? id;
  const own = installed.data?.plugins.find((plugin) => plugin.namespace === namespace);
  // The registry that the address names comes first, then the one that it is installed from.
  const rank = ({ registry }: Offer): number =>
    registry === search.registry ? 0 : registry === own?.registry ? 1 : 2;
  const offers = [...(available.data?.offers ?? [])].sort((a, b) => rank(a) - rank(b));
  const title = offers[0]?.versions[0]?.name ?? namespace;
  return (
    <Page
      title={title}
      about={
        <>
          <Link to="/browse">{t("browse.back")}</Link> · <code>{namespace}</code>
          {own && (
            <>
              {" · "}
              <Link to="/plugins/$namespace" params={{ namespace }}>
                {t("browse.openInstalled", { version: own.version })}
              </Link>
            </>
          )}
        </>
      }
    >
      <InstallsUnderWay namespace={namespace} />
      <Asked of={available}>
        {() =>
          offers.length === 0 ? (
            <Empty icon={SearchX} title={t("browse.notOffered")} text={t("browse.notOfferedText")} />
          ) : (
            <>
              {offers.length > 1 && (
                <p className={classes.soft}>
                  {t("browse.several", { names: list(offers.map(({ registry }) => nameOf(registry))) })}
                </p>
              )}
              {offers.map((offer) => (
                <OfferCard
                  key={offer.registry}
                  offer={offer}
                  registryName={nameOf(offer.registry)}
                  installed={own?.registry === offer.registry ? own.version : undefined}
                  onInstall={
                    mayManage
                      ? ({ version, name }) => setChosen({ registry: offer.registry, version, name })
                      : undefined
                  }
                />
              ))}
            </>
          )
        }
      </Asked>
      <Suspense>
        {chosen && <InstallDialog namespace={namespace} {...chosen} onClose={() => setChosen(null)} />}
      </Suspense>
    </Page>
  );
};
