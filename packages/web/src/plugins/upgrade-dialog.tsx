import "../design/dialog.css";
import { shownUpgrades, type UpgradePreview } from "@hitagi/contract";
import { Button, Modal } from "@mantine/core";
import { useCall, useChange } from "../app/calls.ts";
import { sayJobEnd } from "../app/job-end.ts";
import browse from "../browse/browse.module.css";
import { RequiredList } from "../browse/permissions.tsx";
import { Changelog } from "../browse/plugin-details.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Reports } from "../design/notice.tsx";
import { Asked } from "../design/page.tsx";
import { useFocusBack } from "../design/use-focus-back.ts";
import { useTexts } from "../texts/texts.ts";
import { namedPermissions } from "./permissions.ts";
import { usePluginName } from "./use-plugin-name.ts";

const mayUpgrade = ({ plan }: UpgradePreview): boolean => plan !== null && plan.conflicts.length === 0;

/** What one upgrade does, or why it cannot be made. */
const PreviewOf = ({ upgrade: { namespace, from, to, plan, error } }: { upgrade: UpgradePreview }) => {
  const { t, list } = useTexts();
  const nameOf = usePluginName();
  const { requires = [], conflicts = [], warnings = [], permissions, changelog } = plan ?? {};
  const more = permissions?.more ?? [];
  return (
    <li className={browse.preview}>
      <strong>{`${nameOf(namespace)} ${from} → ${to}`}</strong>
      {(more.length > 0 || requires.length > 0) && (
        <dl className={browse.facts}>
          {more.length > 0 && (
            <div>
              <dt>{t("browse.plan.more")}</dt>
              <dd>{list(namedPermissions(more, t))}</dd>
            </div>
          )}
          {requires.length > 0 && (
            <div>
              <dt>{t("browse.plan.requires")}</dt>
              <dd>
                <RequiredList required={requires} />
              </dd>
            </div>
          )}
        </dl>
      )}
      {changelog && <Changelog changes={changelog} />}
      <Reports conflicts={[...conflicts, ...(error ? [error] : [])]} warnings={warnings} />
    </li>
  );
};

interface UpgradeDialogProps {
  namespaces: string[];
  onClose: () => void;
}

/** Shows exactly what upgrades will do and grant, and begins them. */
const UpgradeDialog = ({ namespaces, onClose }: UpgradeDialogProps) => {
  const { t, list } = useTexts();
  useFocusBack();
  const preview = useCall("previewUpgrade", { body: { namespaces } });
  const upgrade = useChange("upgradePlugins", { showsError: true });
  const begin = async (upgrades: UpgradePreview[]) => {
    const names = upgrades.map(({ namespace }) => namespace);
    // What the owner reads here is granted, and nothing else.
    const body = { namespaces: names, grant: true, shown: shownUpgrades(upgrades) };
    const answer = await upgrade.run({ body }, { done: t("plugins.updating", { count: names.length }) });
    if (!answer) return;
    void sayJobEnd(answer.job, t("plugins.updated", { name: list(names) }));
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("plugins.review", { count: namespaces.length })}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <Asked of={preview}>
        {({ upgrades }) => {
          const ready = upgrades.filter(mayUpgrade);
          return (
            <div className={browse.preview}>
              <ul className={browse.preview}>
                {upgrades.map((one) => (
                  <PreviewOf key={one.namespace} upgrade={one} />
                ))}
              </ul>
              {upgrade.error !== null && <FaultCard error={upgrade.error} />}
              <div className={browse.buttons}>
                <Button variant="default" onClick={onClose}>
                  {t("app.cancel")}
                </Button>
                <Button
                  loading={upgrade.busy}
                  disabled={ready.length === 0}
                  onClick={() => void begin(ready)}
                  data-autofocus
                >
                  {t("plugins.update")}
                </Button>
              </div>
            </div>
          );
        }}
      </Asked>
    </Modal>
  );
};

export default UpgradeDialog;
