import "../design/choices.css";
import { Button, Switch } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { useCall, useChange } from "../app/calls.ts";
import { client } from "../app/client.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Asked, Card, Page } from "../design/page.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { CompareHeads } from "./compare-heads.tsx";
import { Evidence } from "./evidence.tsx";
import classes from "./registries.module.css";
import { RegistryHead } from "./registry-head.tsx";
import { RegistryKeys } from "./registry-keys.tsx";
import { addressOf, failureOf, type Registry } from "./registry-words.ts";

/** The rules for signatures that say whether a registry must be signed. */
const useRequired = ({ id, name }: Registry) => {
  const { t } = useTexts();
  const policy = useCall("getSignaturePolicy", {});
  const change = useChange("updateSignaturePolicy");
  const set = async (required: boolean) => {
    const { requireAll = false, registries = [], exceptions = [] } = policy.data ?? {};
    const without = (ids: readonly string[]) => ids.filter((one) => one !== id);
    const body = {
      registries: required ? [...without(registries), id] : without(registries),
      exceptions: !required && requireAll ? [...without(exceptions), id] : without(exceptions),
    };
    await change.run(
      { body },
      {
        done: t(required ? "registries.requiredNow" : "registries.optionalNow", { name }),
        undo: () => client.updateSignaturePolicy({ body: { registries, exceptions } }),
      },
    );
  };
  return { set, isKnown: policy.data !== undefined };
};

const RefreshButton = ({ id, name }: Registry) => {
  const { t } = useTexts();
  const refresh = useChange("refreshRegistry");
  return (
    <Button
      variant="default"
      loading={refresh.busy}
      onClick={() =>
        void refresh.run(
          { params: { id } },
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
  );
};

/** What the keeper says about the registry, and how to reach them. */
const RegistryTexts = ({ registry: { details } }: { registry: Registry }) => {
  const { t } = useTexts();
  if (!details) return null;
  const { description, homepage, contact } = details;
  return (
    <>
      {description && <p>{description}</p>}
      {(homepage || contact) && (
        <p className={classes.facts}>
          {homepage && (
            <a href={homepage} target="_blank" rel="noopener noreferrer nofollow">
              {t("browse.homepage")}
            </a>
          )}
          {contact && <span>{t("registries.contact", { contact })}</span>}
        </p>
      )}
    </>
  );
};

const RegistryParts = ({ registry }: { registry: Registry }) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const required = useRequired(registry);
  const { failure, trust } = registry;
  const isSigned = trust?.sequence !== undefined;
  return (
    <>
      {failure && <FaultCard error={failureOf(failure, t)} cure={<span />} />}
      <RegistryTexts registry={registry} />
      <RegistryHead registry={registry} />
      {mayManage && (
        <Card padded>
          <Switch
            label={t("registries.required")}
            description={t("registries.requiredAbout")}
            checked={trust?.required ?? false}
            disabled={!required.isKnown}
            onChange={(event) => void required.set(event.currentTarget.checked)}
          />
        </Card>
      )}
      {mayManage && <RegistryKeys registry={registry} />}
      {mayManage && isSigned && <CompareHeads registry={registry} />}
      {isSigned && <Evidence registry={registry} />}
    </>
  );
};

/** The signature of one registry: its head, its keys, and what contradicts them. */
export const RegistryPage = () => {
  const { t } = useTexts();
  const { id = "" } = useParams({ strict: false });
  const mayManage = useMay("manage");
  const asked = useCall("getRegistry", { params: { id } });
  const registry = asked.data?.registry;
  return (
    <Page
      title={registry?.name ?? id}
      about={
        <>
          <Link to="/registries">{t("registries.back")}</Link>
          {registry && (
            <>
              {" · "}
              <span className={classes.address}>
                {registry.provider} · {addressOf(registry)}
              </span>
            </>
          )}
        </>
      }
      actions={registry && mayManage && <RefreshButton {...registry} />}
    >
      <Asked of={asked}>{({ registry: found }) => <RegistryParts registry={found} />}</Asked>
    </Page>
  );
};
