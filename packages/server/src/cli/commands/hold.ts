import { describeHeld, type HeldUpdate, type Hold, type UpdateChoices } from "@hitagi/contract";
import { minuteText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../failure.ts";
import type { Session } from "../session.ts";
import { sayUndo } from "../undo.ts";

interface NoteOptions {
  note?: string;
}

/** Lines about updates that are held back, with their owner's notes. */
export const heldLines = (held: readonly HeldUpdate[]): string[] =>
  held.flatMap((one) => {
    const { text, hint } = describeHeld(one);
    return [`${one.namespace}: ${text}`, `hint: ${hint}`];
  });

const noteText = (note: string | undefined): string => (note === undefined ? "" : ` (${note})`);

/** What an owner decided about updates, for a record; undefined for nothing. */
export const choicesText = ({ hold, skipped = [] }: UpdateChoices): string | undefined => {
  const parts = [
    ...(hold ? [`held at ${hold.at} since ${minuteText(hold.since)}${noteText(hold.note)}`] : []),
    ...skipped.map(
      ({ version, reason, note }) =>
        `${reason === "skipped" ? "skips" : "rolled back from"} ${version}${noteText(note)}`,
    ),
  ];
  return parts.length > 0 ? parts.join("; ") : undefined;
};

const noteWords = (note: string | undefined): string[] => (note === undefined ? [] : ["--note", note]);

/** The command that holds a plugin as it was held. */
const holdWords = (namespace: string, { at, note }: Hold): string[] => [
  ...["hold", namespace, "--at", at],
  ...noteWords(note),
];

const hold = async (
  session: Session,
  namespace: string,
  options: NoteOptions & { at?: string },
): Promise<void> => {
  const params = { namespace };
  const { at, note } = options;
  const { hold: before } = (await session.client.getInstalled({ params })).plugin.updates ?? {};
  const { updates } = await session.client.holdPlugin({ params, body: { at, note } });
  session.print(updates, ({ hold: held }) => `${namespace} is held: no update goes beyond ${held?.at}.`);
  sayUndo(session.say, before ? holdWords(namespace, before) : ["unhold", namespace]);
  const { plugin } = await session.client.getInstalled({ params });
  if (at === undefined || plugin.version === at) return;
  session.say(
    `${plugin.version} is installed. To change that: \`hitagi install ${namespace} --version ${at}\`.`,
  );
};

const unhold = async (session: Session, namespace: string): Promise<void> => {
  const params = { namespace };
  const { hold: before } = (await session.client.getInstalled({ params })).plugin.updates ?? {};
  const { updates } = await session.client.unholdPlugin({ params });
  session.print(updates, () => `${namespace} is no longer held.`);
  if (before) sayUndo(session.say, holdWords(namespace, before));
};

const skip = async (
  session: Session,
  namespace: string,
  given: string | undefined,
  { note }: NoteOptions,
): Promise<void> => {
  const body = { version: given, note };
  const { version, updates } = await session.client.skipVersion({ params: { namespace }, body });
  session.print(updates, () => `${namespace} ${version} is skipped; the next version is offered again.`);
  sayUndo(session.say, ["unskip", namespace, version]);
};

const unskip = async (session: Session, namespace: string, version: string | undefined): Promise<void> => {
  const params = { namespace };
  const { skipped = [] } = (await session.client.getInstalled({ params })).plugin.updates ?? {};
  if (version !== undefined && !skipped.some((one) => one.version === version)) {
    const others = skipped.map((one) => one.version).join(", ");
    throw new UsageError(
      `${namespace} ${version} is not skipped.`,
      others ? `Skipped are: ${others}.` : `No version of ${namespace} is skipped.`,
    );
  }
  const { updates } = await session.client.unskipVersion({ params, body: { version } });
  const offered = version === undefined ? skipped.map((one) => one.version) : [version];
  session.print(updates, () =>
    offered.length > 0
      ? `${namespace} ${offered.join(", ")} may be offered again.`
      : `No version of ${namespace} is skipped.`,
  );
  const lifted = skipped.filter((one) => offered.includes(one.version));
  sayUndo(session.say, ...lifted.map((one) => ["skip", namespace, one.version, ...noteWords(one.note)]));
};

/** `hitagi hold`, `unhold`, `skip` and `unskip`: which updates an owner does not want. */
export const holdCommands = (program: CliCommand): void => {
  program
    .remote("hold <namespace>", "Hold a plugin at its version: no upgrade and no install goes beyond it.")
    .examples('hitagi hold title-cleaner --note "2.0 drops my language"')
    .option("--at <version>", "hold it at this version; by default the installed one")
    .option("--note <text>", "why; shown where updates are listed")
    .runRemote(hold);
  program
    .remote("unhold <namespace>", "Lift the hold of a plugin.")
    .examples("hitagi unhold title-cleaner")
    .runRemote(unhold);
  program
    .remote("skip <namespace> [version]", "Skip one version, by default the offered update.")
    .examples('hitagi skip title-cleaner 1.1.0 --note "crashes on PDFs"')
    .option("--note <text>", "why; shown where updates are listed")
    .runRemote(skip);
  program
    .remote(
      "unskip <namespace> [version]",
      "Offer a version again that was skipped or rolled back from; by default all.",
    )
    .examples("hitagi unskip title-cleaner")
    .runRemote(unskip);
};
