import "../design/dialog.css";
import { type InstallPlan, shownVersions } from "@hitagi/contract";
import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import type { CallInput } from "../app/client.ts";
import { sayJobEnd } from "../app/job-end.ts";
import { useConfirm } from "../design/confirm.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Notice, Reports } from "../design/notice.tsx";
import { Asked } from "../design/page.tsx";
import { useFocusBack } from "../design/use-focus-back.ts";
import { namedPermissions } from "../plugins/permissions.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./browse.module.css";
import { PermissionList, RequiredList } from "./permissions.tsx";
import { Changelog } from "./plugin-details.tsx";

type InstallBody = CallInput<"installPlugin">["body"];

/** What an owner can decide to remove a conflict: the code, and the field of the install that does. */
const cures: Record<string, Partial<InstallBody>> = {
  OTHER_REGISTRY: { force: true },
  NAMESPACE_TAKEN: { move: true },
  VERSION_CHANGED: { acceptChanged: true },
  EVIDENCE_WEAKER: { acceptUnsigned: true },
};

/** A name that a person may take for another one is asked about before the install. */
const isLookAlike = ({ code }: { code: string }): boolean => code === "NAMESPACE_LOOKS_LIKE";

interface InstallDialogProps {
  namespace: string;
  registry: string;
  version: string;
  name: string;
  onClose: () => void;
}

/** Shows exactly what an install will do, and begins it. */
const InstallDialog = ({ namespace, registry, version, name, onClose }: InstallDialogProps) => {
  const { t, list } = useTexts();
  useFocusBack();
  const [decided, setDecided] = useState<Partial<InstallBody>>({});
  // What the owner reads in the preview is granted with the install.
  const body = { namespace, registry, version, grant: true, ...decided };
  const preview = useCall("previewInstall", { body });
  const install = useChange("installPlugin", { showsError: true });
  const confirm = useConfirm();
  const begin = async (plan: InstallPlan) => {
    const alike = plan.warnings.find(isLookAlike)?.message;
    const sure = { title: t("browse.sure"), action: t("browse.cure") };
    if (alike !== undefined && !(await confirm({ ...sure, consequence: alike }))) return;
    const answer = await install.run({ body: { ...body, shown: shownVersions(plan) } });
    if (!answer) return;
    void sayJobEnd(answer.job, t("browse.done", { name }));
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("browse.preview", { name, version })}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <div className={classes.preview}>
        <Asked of={preview}>
          {({ plan }) => (
            <>
              <dl className={classes.facts}>
                <div>
                  <dt>{t("browse.plan.action")}</dt>
                  <dd>
                    {plan.installed === null
                      ? t(`browse.action.${plan.action}`)
                      : t("browse.action.from", {
                          action: t(`browse.action.${plan.action}`),
                          from: plan.installed,
                          to: plan.version,
                        })}
                  </dd>
                </div>
                <div>
                  <dt>{t("browse.plan.may")}</dt>
                  <dd>
                    {plan.permissions === null ? (
                      t("browse.plan.unknown")
                    ) : (
                      <PermissionList permissions={plan.permissions.asks} confinement={plan.confinement} />
                    )}
                  </dd>
                </div>
                {plan.permissions !== null && plan.permissions.more.length > 0 && plan.installed !== null && (
                  <div>
                    <dt>{t("browse.plan.more")}</dt>
                    <dd>{list(namedPermissions(plan.permissions.more, t))}</dd>
                  </div>
                )}
                {plan.requires && (
                  <div>
                    <dt>{t("browse.plan.requires")}</dt>
                    <dd>
                      <RequiredList required={plan.requires} />
                    </dd>
                  </div>
                )}
                {plan.uses.length > 0 && (
                  <div>
                    <dt>{t("browse.plan.uses")}</dt>
                    <dd>{list(plan.uses)}</dd>
                  </div>
                )}
                {plan.withheld.length > 0 && (
                  <div>
                    <dt>{t("browse.plan.withheld")}</dt>
                    <dd>{list(plan.withheld)}</dd>
                  </div>
                )}
                <div>
                  <dt>SHA-256</dt>
                  <dd className={classes.hash}>{plan.sha256}</dd>
                </div>
              </dl>
              {plan.changelog && <Changelog changes={plan.changelog} />}
              {plan.conflicts.map(({ code, message, hint }) => (
                <Notice
                  key={code}
                  tone="bad"
                  text={message}
                  hint={hint}
                  action={
                    cures[code] && (
                      <Button
                        size="compact-sm"
                        variant="default"
                        onClick={() => setDecided({ ...decided, ...cures[code] })}
                      >
                        {t("browse.cure")}
                      </Button>
                    )
                  }
                />
              ))}
              <Reports warnings={plan.warnings} />
              {install.error !== null && <FaultCard error={install.error} />}
              <div className={classes.buttons}>
                <Button variant="default" onClick={onClose}>
                  {t("app.cancel")}
                </Button>
                <Button
                  loading={install.busy}
                  disabled={plan.conflicts.length > 0}
                  onClick={() => void begin(plan)}
                  data-autofocus
                >
                  {t(`browse.do.${plan.action}`)}
                </Button>
              </div>
            </>
          )}
        </Asked>
      </div>
    </Modal>
  );
};

export default InstallDialog;
