import type { InstallPlan } from "@hitagi/contract";
import { useTexts } from "../texts/texts.ts";

type Asked = NonNullable<InstallPlan["permissions"]>["asks"];

/** What a plugin asks to do, in words, one line each; "none" is said too. */
export const PermissionList = ({
  permissions: { net, library, files },
  confinement,
}: {
  permissions: Asked;
  confinement: InstallPlan["confinement"];
}) => {
  const { t } = useTexts();
  const reads = library === "read" || library === "read+add";
  const writes = library === "write" || library === "write+add";
  const adds = library === "add" || library === "read+add" || library === "write+add";
  const network = confinement?.network;
  const everyHost = network === "unconfined" || (network === "broker" && net === undefined);
  const lines = [
    ...(confinement?.files === "unconfined" ? [t("browse.may.allFiles")] : []),
    ...(everyHost ? [t(network === "unconfined" ? "browse.may.everyHost" : "browse.may.publicHosts")] : []),
    ...(everyHost ? [] : (net ?? [])).map((host) =>
      host.startsWith("*.") ? t("browse.may.hosts", { host: host.slice(2) }) : t("browse.may.host", { host }),
    ),
    ...(reads ? [t("browse.may.read")] : []),
    ...(writes ? [t("browse.may.write")] : []),
    ...(adds ? [t("browse.may.add")] : []),
    ...(files === undefined ? [] : [t("browse.may.files", { files })]),
  ];
  if (lines.length === 0) return <span>{t("browse.may.nothing")}</span>;
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
};
