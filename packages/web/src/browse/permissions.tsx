import type { InstallPlan } from "@hitagi/contract";
import { namedPermissions, permissionWords } from "../plugins/permissions.ts";
import { useTexts } from "../texts/texts.ts";

interface PermissionListProps {
  permissions: NonNullable<InstallPlan["permissions"]>["asks"];
  confinement: InstallPlan["confinement"];
}

/** What a plugin asks to do, in words, one line each; "none" is said too. */
export const PermissionList = ({ permissions, confinement }: PermissionListProps) => {
  const { t } = useTexts();
  const lines = permissionWords(permissions, confinement, t);
  if (lines.length === 0) return <span>{t("browse.may.nothing")}</span>;
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
};

/** The plugins that an install or upgrade brings, with all that each asks for, or upgrades, with what is new. */
export const RequiredList = ({ required }: { required: NonNullable<InstallPlan["requires"]> }) => {
  const { t, list } = useTexts();
  return required.map(({ namespace, version, installed, permissions, confinement }) => (
    <div key={namespace}>
      {installed === null ? `${namespace} ${version}` : `${namespace} ${installed} → ${version}`}
      {permissions !== null &&
        (installed === null ? (
          <PermissionList permissions={permissions.asks} confinement={confinement} />
        ) : (
          permissions.more.length > 0 && <div>{list(namedPermissions(permissions.more, t))}</div>
        ))}
    </div>
  ));
};
