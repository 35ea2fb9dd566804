import { ApiError, type OfferedPlugin } from "@hitagi/contract";
import { Button, TextInput } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { type FormEvent, lazy, type ReactNode, Suspense, useState } from "react";
import { callOptions, useCall, useChange } from "../app/calls.ts";
import { codeOf } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Card, Page } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./welcome.module.css";

const InstallDialog = lazy(() => import("../browse/install-dialog.tsx"));

interface StepProps {
  number: number;
  title: string;
  done: boolean;
  /** Whether it is the first step that is not done. */
  current: boolean;
  children: ReactNode;
}

const Step = ({ number, title, done, current, children }: StepProps) => (
  <li className={classes.step} data-done={done} aria-current={current ? "step" : undefined}>
    <span className={classes.number}>{done ? <Check size={16} aria-hidden /> : number}</span>
    <div className={classes.body}>
      <h2>{title}</h2>
      {children}
    </div>
  </li>
);

/** Adds a registry by any address, after a test that says how it is reached. */
const AddRegistry = () => {
  const { t } = useTexts();
  const [address, setAddress] = useState("");
  const test = useChange("testRegistry", { showsError: true });
  const create = useChange("createRegistry", { showsError: true });
  const refresh = useChange("refreshRegistry", { showsError: true });
  /** Why there is no registry at the address. */
  const [refused, setRefused] = useState<ApiError | null>(null);
  const add = async (event: FormEvent) => {
    event.preventDefault();
    setRefused(null);
    const answer = await test.run({ body: { address: address.trim() } });
    if (!answer) return;
    const { failure, faults, usable } = answer.found;
    if (!usable) return setRefused(new ApiError(422, failure ?? { error: faults?.[0]?.reason ?? "" }));
    const { name, provider, url, ref, path, folder, generateIndex } = answer.found;
    const place = { provider, url, ref, path, folder, generateIndex };
    const given = Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined));
    const made = await create.run({ body: { name, ...given } as never });
    if (made) await refresh.run({ params: { id: made.id } }, { done: t("session.registryAdded", { name }) });
  };
  const error = refused ?? test.error ?? create.error ?? refresh.error;
  return (
    <form className={classes.form} onSubmit={(event) => void add(event)}>
      <TextInput
        label={t("session.address")}
        description={t("session.addressAbout")}
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
      />
      {error && <FaultCard error={error} />}
      <div>
        <Button
          type="submit"
          loading={test.busy || create.busy || refresh.busy}
          disabled={address.trim() === ""}
        >
          {t("session.addRegistry")}
        </Button>
      </div>
    </form>
  );
};

/** The plugins that are looked at, of which those that can be installed here are offered. */
const LOOKED_AT = 6;
const OFFERED = 3;

/**
 * A few plugins to begin with: those that tag archives, and others only where there are none of these. Only the registries'
 * data chooses them: a preview loads the plugin's file, so it waits for a click.
 */
const useFirstPlugins = (): OfferedPlugin[] => {
  const query = { installed: false, size: LOOKED_AT };
  const tagging = useCall("searchAvailable", { query: { ...query, type: "metadata" } });
  const hasNone = tagging.data?.total === 0;
  const others = useCall("searchAvailable", { query }, { enabled: hasNone });
  const hasPerl = useCall("getServerSettings", {}).data?.settings.perl === true;
  const found = (hasNone ? others : tagging).data?.items ?? [];
  const details = useQueries({
    queries: found.map(({ namespace }) => callOptions("getAvailable", { params: { namespace } })),
  });
  const isRunHere = ({ registry, version }: OfferedPlugin, n: number): boolean => {
    const offer = details[n]?.data?.offers.find((one) => one.registry === registry);
    const file = offer?.versions.find((one) => one.version === version)?.artifact;
    return file !== undefined && (hasPerl || !file.toLowerCase().endsWith(".pm"));
  };
  return found.filter(isRunHere).slice(0, OFFERED);
};

/** Offers a few plugins of the registries to begin with. */
const FirstPlugin = () => {
  const { t } = useTexts();
  const offered = useFirstPlugins();
  const [chosen, setChosen] = useState<OfferedPlugin | null>(null);
  return (
    <Card>
      <ul>
        {offered.map((one) => (
          <li key={`${one.registry} ${one.namespace}`}>
            <Row
              title={one.name}
              about={one.description}
              actions={
                <Button
                  variant="light"
                  aria-label={t("session.installOf", { name: one.name })}
                  onClick={() => setChosen(one)}
                >
                  {t("plugins.install")}
                </Button>
              }
            />
          </li>
        ))}
      </ul>
      <p className={classes.more}>
        <Link to="/browse">{t("session.allPlugins")}</Link>
      </p>
      <Suspense>
        {chosen && (
          <InstallDialog
            namespace={chosen.namespace}
            registry={chosen.registry}
            version={chosen.version}
            name={chosen.name}
            onClose={() => setChosen(null)}
          />
        )}
      </Suspense>
    </Card>
  );
};

/** The first steps: the key, the library, a first registry, a first plugin. Each shows whether it is done. */
export const WelcomePage = () => {
  const { t } = useTexts();
  const settings = useCall("getServerSettings", {});
  const info = useCall("getInfo", {});
  const registries = useCall("listRegistries", {});
  const installed = useCall("listInstalled", {});
  const hasRegistry = (registries.data?.registries.length ?? 0) > 0;
  const own = installed.data?.plugins.filter(({ origin }) => origin !== "builtin") ?? [];
  const archives = info.data?.total_archives ?? 0;
  const library = String(settings.data?.settings.library ?? "");
  return (
    <Page title={t("session.welcome")} about={t("session.welcomeAbout")}>
      <ol className={classes.steps}>
        <Step number={1} title={t("session.stepKey")} done current={false}>
          <p className={classes.soft}>{t("session.stepKeyDone")}</p>
        </Step>
        <Step number={2} title={t("session.stepLibrary")} done={archives > 0} current={archives === 0}>
          {settings.error && codeOf(settings.error) !== "SCOPE_NEEDED" && (
            <FaultCard error={settings.error} />
          )}
          <p className={classes.soft}>{t("session.stepLibraryText", { count: archives })}</p>
          {library !== "" && <code>{library}</code>}
        </Step>
        <Step
          number={3}
          title={t("session.stepRegistry")}
          done={hasRegistry}
          current={archives > 0 && !hasRegistry}
        >
          {hasRegistry ? (
            <p className={classes.soft}>{registries.data?.registries.map(({ name }) => name).join(", ")}</p>
          ) : (
            <>
              <p className={classes.soft}>{t("session.stepRegistryText")}</p>
              <AddRegistry />
            </>
          )}
        </Step>
        <Step
          number={4}
          title={t("session.stepPlugin")}
          done={own.length > 0}
          current={hasRegistry && own.length === 0}
        >
          {own.length > 0 ? (
            <ul className={classes.own}>
              {own.map(({ namespace, name }) => (
                <li key={namespace}>
                  <Link to="/plugins/$namespace" params={{ namespace }}>
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          ) : (
            <>
              <p className={classes.soft}>{t("session.stepPluginText")}</p>
              {hasRegistry && <FirstPlugin />}
            </>
          )}
        </Step>
      </ol>
      <div>
        <Button
          variant={own.length > 0 ? "filled" : "default"}
          renderRoot={(props) => <Link to="/" {...props} />}
        >
          {own.length > 0 ? t("session.finish") : t("session.later")}
        </Button>
      </div>
    </Page>
  );
};
