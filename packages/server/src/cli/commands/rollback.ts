import type { KeptVersion, ReturnVersion } from "@hitagi/contract";
import { minuteText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { failureText } from "../failure.ts";
import { registryText } from "../format.ts";
import type { Session } from "../session.ts";
import type { Columns } from "../table.ts";
import { sayUndo } from "../undo.ts";

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

/** What stands against a version, in a word, by the code of the error. */
const againstWords: Readonly<Record<string, string>> = {
  VERSION_YANKED: "yanked",
  VERSION_DANGEROUS: "dangerous",
  VERSION_LEFT_OUT: "left out",
  VERSION_NOT_IN_EPOCH: "withdrawn",
  PLUGIN_BLOCKED: "blocked",
  PLUGIN_REQUIRED: "needed",
  REQUIREMENT_LACKING: "lacks a plugin",
  HITAGI_NEEDED: "needs another Hitagi",
};

const againstText = ({ against }: ReturnVersion): string | null =>
  against ? (againstWords[against.code] ?? "refused") : null;

/** The versions that a rollback can restore. */
const listVersions = async (session: Session, namespace: string): Promise<void> => {
  const { installed, versions } = await session.client.listKeptVersions({ params: { namespace } });
  const others = versions.filter(({ current }) => !current);
  const columns: Columns<ReturnVersion> = {
    VERSION: "version",
    FROM: (v) => registryText(v) ?? "sideloaded",
    INSTALLED: (v) => minuteText(v.installed),
    LEFT: leftText,
    // A column that is empty takes the place of others in a terminal of 80 columns.
    ...(others.some(({ against }) => against) && { AGAINST: againstText }),
  };
  if (installed === null) session.say(`${namespace} is not installed; a rollback installs it again.`);
  session.printTable(others, columns, `No other version of ${namespace} is kept.`);
  session.say(
    others.flatMap(({ against }) => (against ? [failureText(against), `hint: ${against.hint}`] : [])),
  );
};

/** Names the rollback that undoes a change, unless that version is refused: then nothing leads back to it. */
export const sayRollback = async (session: Session, namespace: string, version: string): Promise<void> => {
  const { versions } = await session.client.listKeptVersions({ params: { namespace } });
  if (versions.some((kept) => kept.version === version && kept.against)) return;
  sayUndo(session.say, ["rollback", namespace, version]);
};

const rollback = async (
  session: Session,
  namespace: string,
  version: string | undefined,
  options: { list?: boolean; ignoreRequirements?: boolean },
): Promise<void> => {
  if (options.list) return listVersions(session, namespace);
  const done = await session.client.rollbackPlugin({
    params: { namespace },
    body: { version, ignoreRequirements: options.ignoreRequirements },
  });
  const current = { namespace: done.namespace, version: done.version };
  const before = done.from === null ? `${current.namespace} was not installed. ` : "";
  session.print(
    { ...current, from: done.from },
    () => `${before}${current.namespace} is now at ${current.version}.`,
  );
  if (done.from === null) sayUndo(session.say, ["uninstall", namespace]);
  else if (done.from !== done.version) await sayRollback(session, namespace, done.from);
};

/** `hitagi rollback`: back to a kept version. */
export const rollbackCommand = (program: CliCommand): void => {
  program
    .remote("rollback <namespace> [version]", "Go back to the previous version, or to a kept one.")
    .examples("hitagi rollback title-cleaner", "hitagi rollback title-cleaner --list")
    .option("--list", "list what it can go back to, why each version was left, and what stands against it")
    .option(
      "--ignore-requirements",
      "go back although other plugins need what is installed, or it lacks what it needs",
    )
    .runRemote(rollback);
};
