import "../design/choices.css";
import { Button, Switch } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import { client } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { useConfirm } from "../design/confirm.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";
import { EditRegistry } from "./edit-registry.tsx";
import classes from "./registries.module.css";
import { TrustFacts } from "./registry-trust.tsx";
import { addressOf, failureOf, isAboutKeys, type Registry } from "./registry-words.ts";

/** The entries of an index that are not offered, or only corrected, each with its fault. */
const Faults = ({ registry: { skipped = [], skippedCount = 0 } }: { registry: Registry }) => {
  const { t } = useTexts();
  const [isOpen, setOpen] = useState(false);
  if (skippedCount === 0) return null;
  return (
    <>
      <div>
        <Button size="compact-sm" variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t("registries.faults", { count: skippedCount })}
        </Button>
      </div>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reached by keyboard (WCAG 2.1.1)
        <ul className={classes.faults} tabIndex={0} aria-label={t("registries.faultList")}>
          {skipped.map(({ path, reason, offered }) => (
            <li key={`${path} ${reason}`}>
              <code>{path}</code> {reason} {offered && <Chip tone="info">{t("registries.corrected")}</Chip>}
            </li>
          ))}
          {skippedCount > skipped.length && (
            <li>{t("registries.moreFaults", { count: skippedCount - skipped.length })}</li>
          )}
        </ul>
      )}
    </>
  );
};

/** Asks before a registry is removed, and names the plugins that would get no more updates. */
const useRemove = ({ id, name }: Registry) => {
  const { t, list } = useTexts();
  const confirm = useConfirm();
  const installed = useCall("listInstalled", {});
  const remove = useChange("deleteRegistry");
  const orphans = (installed.data?.plugins ?? []).filter(({ registry }) => registry === id);
  const ask = async () => {
    const yes = await confirm({
      title: t("registries.remove.title", { name }),
      consequence:
        orphans.length === 0
          ? t("registries.remove.free")
          : t("registries.remove.orphans", {
              count: orphans.length,
              names: list(orphans.map((plugin) => plugin.name)),
            }),
      action: t("registries.remove"),
    });
    if (yes) await remove.run({ params: { id } }, { done: t("registries.removed", { name }) });
  };
  return { ask, busy: remove.busy };
};

interface RegistryCardProps {
  registry: Registry;
  isDefault: boolean;
  mayManage: boolean;
}

const Buttons = ({
  registry,
  isDefault,
  onEdit,
}: Omit<RegistryCardProps, "mayManage"> & { onEdit: () => void }) => {
  const { t } = useTexts();
  const { id, name } = registry;
  const params = { id };
  const refresh = useChange("refreshRegistry", { showsError: true });
  const standard = useChange("setDefaultRegistry");
  const remove = useRemove(registry);
  return (
    <>
      <div className={classes.buttons}>
        <Button
          size="compact-sm"
          variant="default"
          loading={refresh.busy}
          onClick={() =>
            void refresh.run(
              { params },
              {
                done: ({ changed }) => ({
                  text: t(changed ? "registries.refreshed" : "registries.unchanged", { name }),
                }),
              },
            )
          }
        >
          {t("registries.refresh")}
        </Button>
        {!isDefault && (
          <Button
            size="compact-sm"
            variant="default"
            loading={standard.busy}
            onClick={() =>
              void standard.run(
                { params },
                { done: t("registries.defaultNow", { name }), undo: () => client.clearDefaultRegistry({}) },
              )
            }
          >
            {t("registries.makeDefault")}
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={onEdit}>
          {t("registries.edit")}
        </Button>
        <Button
          size="compact-sm"
          variant="light"
          color="red"
          className={classes.push}
          loading={remove.busy}
          onClick={() => void remove.ask()}
        >
          {t("registries.remove")}
        </Button>
      </div>
      {refresh.error !== null && registry.failure === undefined && <FaultCard error={refresh.error} />}
      {refresh.error !== null && (refresh.error as { code?: string }).code === "INDEX_OLDER" && (
        <AcceptOlder id={id} name={name} />
      )}
    </>
  );
};

/** Takes an index that is older than the cached one, after a question. */
const AcceptOlder = ({ id, name }: { id: string; name: string }) => {
  const { t } = useTexts();
  const confirm = useConfirm();
  const refresh = useChange("refreshRegistry");
  const accept = async () => {
    const yes = await confirm({
      title: t("registries.older.title", { name }),
      consequence: t("registries.older.consequence"),
      action: t("registries.older"),
    });
    if (yes)
      await refresh.run(
        { params: { id }, query: { acceptOlder: true } },
        { done: t("registries.refreshed", { name }) },
      );
  };
  return (
    <div>
      <Button size="compact-sm" variant="default" loading={refresh.busy} onClick={() => void accept()}>
        {t("registries.older")}
      </Button>
    </div>
  );
};

/** One registry: where it is, how old its index is, what is wrong with it, and what can be done. */
export const RegistryCard = ({ registry, isDefault, mayManage }: RegistryCardProps) => {
  const { t } = useTexts();
  const [isEdited, setEdited] = useState(false);
  const lenient = useChange("updateRegistry");
  const { id, name, provider, plugins, refreshed, failure, moved, credential, generateIndex } = registry;
  const params = { id };
  const setLenient = (value: boolean) => client.updateRegistry({ params, body: { lenient: value } });
  return (
    <li className={classes.card} data-registry={id}>
      <div className={classes.head}>
        <h2>
          <Link to="/registries/$id" params={params} className={classes.name}>
            {name}
          </Link>
        </h2>
        {isDefault && <Chip tone="accent">{t("registries.default")}</Chip>}
        {failure && <Chip tone="bad">{t("registries.failed")}</Chip>}
        {credential && <Chip tone="info">{t(`registries.credential.${credential}`)}</Chip>}
        {generateIndex && <Chip>{t("registries.generated")}</Chip>}
      </div>
      <span className={classes.address}>
        {provider} · {addressOf(registry)}
      </span>
      <div className={classes.facts}>
        {plugins !== undefined && (
          <Link to="/browse" search={{ registry: id } as never}>
            {t("registries.plugins", { count: plugins })}
          </Link>
        )}
        <span>
          {refreshed === undefined ? (
            t("registries.never")
          ) : (
            <>
              {t("registries.refreshedAt")} <When at={refreshed} />
            </>
          )}
        </span>
        {moved && <span>{t("registries.moved", { address: moved })}</span>}
      </div>
      <TrustFacts registry={registry} />
      {failure && (
        <FaultCard
          error={failureOf(failure, t)}
          cure={
            isAboutKeys(failure.code) ? (
              <Link to="/registries/$id" params={params} hash="keys">
                {t("registries.compareKeys")}
              </Link>
            ) : (
              <span />
            )
          }
        />
      )}
      <Faults registry={registry} />
      {mayManage && (
        <>
          <Switch
            label={t("registries.lenient")}
            description={t("registries.lenientHint")}
            checked={registry.lenient ?? false}
            onChange={(event) => {
              const value = event.currentTarget.checked;
              void lenient.run(
                { params: { id }, body: { lenient: value } },
                {
                  done: t(value ? "registries.lenientOn" : "registries.lenientOff", { name }),
                  undo: () => setLenient(!value),
                },
              );
            }}
          />
          {isEdited ? (
            <EditRegistry registry={registry} onEnd={() => setEdited(false)} />
          ) : (
            <Buttons registry={registry} isDefault={isDefault} onEdit={() => setEdited(true)} />
          )}
        </>
      )}
    </li>
  );
};
