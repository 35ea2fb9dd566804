import type { KeptVersion } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { minuteText } from "../format.ts";
import { registryNames } from "../lookup.ts";
import type { Session } from "../session.ts";
import type { Columns } from "../table.ts";

const reasons: Record<NonNullable<KeptVersion["left"]>["reason"], string> = {
  upgraded: "upgraded",
  downgraded: "downgraded",
  rolled_back: "rolled back",
  held: "held at an earlier version",
  replaced: "replaced from elsewhere",
  uninstalled: "uninstalled",
};

/** When and why a kept version was left. */
export const leftText = ({ left }: KeptVersion): string | null =>
  left ? `${minuteText(left.at)}, ${reasons[left.reason]}` : null;

/** The versions that a rollback can restore. */
const listVersions = async (session: Session, namespace: string): Promise<void> => {
  const { installed, versions } = await session.client.listKeptVersions({ params: { namespace } });
  const nameOf = await registryNames(session.client);
  const columns: Columns<KeptVersion> = {
    VERSION: "version",
    FROM: (v) => (v.registry === null ? "sideloaded" : nameOf(v.registry)),
    INSTALLED: (v) => minuteText(v.installed),
    LEFT: leftText,
  };
  if (installed === null) session.say(`${namespace} is not installed; a rollback installs it again.`);
  const others = versions.filter(({ current }) => !current);
  session.printTable(others, columns, `No other version of ${namespace} is kept.`);
};

const rollback = async (
  session: Session,
  namespace: string,
  version: string | undefined,
  options: { list?: boolean },
): Promise<void> => {
  if (options.list) return listVersions(session, namespace);
  const done = await session.client.rollbackPlugin({ params: { namespace }, body: { version } });
  const current = { namespace: done.namespace, version: done.version };
  const before = done.from === null ? `${current.namespace} was not installed. ` : "";
  session.print(
    { ...current, from: done.from },
    () => `${before}${current.namespace} is now at ${current.version}.`,
  );
};

/** `hitagi rollback`: back to a kept version. */
export const rollbackCommand = (program: CliCommand): void => {
  program
    .remote("rollback <namespace> [version]", "Go back to the previous version, or to a kept one.")
    .examples("hitagi rollback title-cleaner", "hitagi rollback title-cleaner --list")
    .option("--list", "list what it can go back to, and why each version was left")
    .runRemote(rollback);
};
