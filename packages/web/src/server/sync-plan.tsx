import type { Lockfile } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { sayJobEnd } from "../app/job-end.ts";
import { Chip } from "../design/chip.tsx";
import { useConfirm } from "../design/confirm.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Notice, Reports } from "../design/notice.tsx";
import { Asked, Card } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { useTexts } from "../texts/texts.ts";
import { PolicySwitch } from "./policy-switch.tsx";
import classes from "./server.module.css";

type Plan = CallOutput<"planSync">["plan"];
type Change = Plan["plugins"][number];
type Registry = Plan["registries"][number];
type Rules = Plan["policies"][number];

const RegistryLine = ({ registry }: { registry: Registry }) => {
  const { t } = useTexts();
  const { name, id, address, fingerprint } = registry;
  return (
    <>
      <Row
        title={
          <>
            {name}
            {id === null && <Chip tone="info">{t("server.syncAdds")}</Chip>}
          </>
        }
        about={
          <>
            {address}
            {fingerprint && <span className={classes.below}>{fingerprint}</span>}
          </>
        }
      />
      <Reports {...registry} />
    </>
  );
};

const ChangeLine = ({ change }: { change: Change }) => {
  const { t } = useTexts();
  const { namespace, action, from, to, fields } = change;
  const notSet = t("server.notSet");
  return (
    <>
      <Row
        title={
          <>
            {namespace}
            <Chip tone={action === "remove" ? "bad" : "accent"}>{t(`server.syncAction.${action}`)}</Chip>
          </>
        }
        about={fields.map(({ field, name, from: before, to: after }) => (
          <span key={`${field} ${name}`} className={classes.below}>
            {name ?? t(`server.syncField.${field}`)}: {before ?? notSet} → {after ?? notSet}
          </span>
        ))}
        facts={from !== to && `${from ?? "–"} → ${to ?? "–"}`}
      />
      <Reports {...change} />
    </>
  );
};

const RulesLine = ({ rules: { policy, removed, added } }: { rules: Rules }) => {
  const { t } = useTexts();
  const lines = [...removed.map((line) => `− ${line}`), ...added.map((line) => `+ ${line}`)];
  return (
    <Row
      title={t(`server.syncPolicy.${policy}`)}
      about={lines.map((line, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be the same, and none moves
        <span key={n} className={classes.below}>
          {line}
        </span>
      ))}
    />
  );
};

/** What a sync with a lock file would change, and the button that does it in one go. */
export const SyncPlan = ({ lock, onEnd }: { lock: Lockfile; onEnd: () => void }) => {
  const { t, list } = useTexts();
  const confirm = useConfirm();
  const [prune, setPrune] = useState(false);
  const body = { lock, prune };
  const asked = useCall("planSync", { body });
  const sync = useChange("syncSet", { showsError: true });
  const run = async ({ plugins }: Plan) => {
    const removed = plugins.filter(({ action }) => action === "remove").map(({ namespace }) => namespace);
    const question = {
      title: t("server.syncRemoves", { count: removed.length }),
      consequence: list(removed),
      action: t("server.syncNow"),
    };
    if (removed.length > 0 && !(await confirm(question))) return;
    const answer = await sync.run({ body });
    if (!answer) return;
    void sayJobEnd(answer.job, t("server.synced"));
    onEnd();
  };
  return (
    <Asked of={asked}>
      {({ plan }) => {
        const { registries, plugins, policies, same, left, secrets, done, conflicts } = plan;
        const shown = registries.filter(({ id, conflicts: some }) => id === null || some.length > 0);
        return (
          <>
            {done && <Notice tone="good" text={t("server.syncDone")} />}
            <Card>
              <ul>
                {shown.map((registry) => (
                  <li key={registry.name}>
                    <RegistryLine registry={registry} />
                  </li>
                ))}
                {plugins.map((change) => (
                  <li key={change.namespace}>
                    <ChangeLine change={change} />
                  </li>
                ))}
                {policies.map((rules) => (
                  <li key={rules.policy}>
                    <RulesLine rules={rules} />
                  </li>
                ))}
                <li>
                  <Row title={t("server.syncSame", { count: same })} />
                </li>
                {(left.length > 0 || prune) && (
                  <li>
                    <PolicySwitch
                      title={t("server.syncPrune")}
                      about={list(left.map(({ namespace, version }) => `${namespace} ${version}`))}
                      checked={prune}
                      onChange={setPrune}
                    />
                  </li>
                )}
              </ul>
            </Card>
            {secrets.map(({ namespace, names }) => (
              <Notice
                key={namespace}
                tone="info"
                text={t("server.syncSecrets", { name: namespace, names: list(names) })}
              />
            ))}
            {sync.error !== null && <FaultCard error={sync.error} />}
            <div className={classes.buttons}>
              <Button variant="default" onClick={onEnd}>
                {t("app.cancel")}
              </Button>
              <Button loading={sync.busy} disabled={done || conflicts > 0} onClick={() => void run(plan)}>
                {t("server.syncNow")}
              </Button>
            </div>
          </>
        );
      }}
    </Asked>
  );
};
