import { ApiError, quoteText, type RefreshOutcome, type Registry } from "@hitagi/contract";
import { CommandFailed, failureText, UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { chooseRegistry } from "../lookup.ts";
import type { Lines } from "../safe-text.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";

/** Fetches one registry's index. @throws ApiError */
const refreshOne = async (
  { client }: Session,
  { id, name }: Pick<Registry, "id" | "name">,
  acceptOlder = false,
): Promise<RefreshOutcome> => {
  const answer = await client.refreshRegistry({ params: { id }, query: { acceptOlder } });
  const { index, changed, skipped, skippedCount } = answer;
  const omitted = skippedCount ? { skipped, skippedCount } : {};
  return { id, name, plugins: Object.keys(index.plugins).length, changed, ...omitted };
};

/** Faults with their whole reasons, which are longer than a line of a terminal where paths are beside them. */
export const faultTable = (io: Io, faults: readonly { path: string; reason: string }[]): Lines =>
  table(io, { PATH: "path", REASON: "reason" }, faults);

/** The entries that a refresh skipped, after an empty line; nothing if there are none. */
export const skippedLines = (
  io: Io,
  { name, skipped = [], skippedCount = 0 }: Pick<RefreshOutcome, "name" | "skipped" | "skippedCount">,
): Lines[] => {
  if (skippedCount === 0) return [];
  const more = skippedCount - skipped.length;
  const rest = more > 0 ? [`… and ${more} more`] : [];
  const what = skipped.some(({ offered }) => offered) ? "Faults" : "Skipped";
  return ["", `${what} in ${name}: ${skippedCount}`, faultTable(io, skipped), ...rest];
};

const columns: Columns<RefreshOutcome> = {
  ID: "id",
  NAME: "name",
  PLUGINS: "plugins",
  CHANGED: "changed",
  SKIPPED: "skippedCount",
  OUTCOME: (o) => (o.error === undefined ? "done" : failureText({ message: o.error, code: o.code })),
};

const outcomeLines = (io: Io, outcomes: RefreshOutcome[]): Lines => [
  table(io, columns, outcomes),
  ...outcomes.flatMap((outcome) => skippedLines(io, outcome)),
];

const sayFailure = (session: Session, { id, name, error, code, hint }: RefreshOutcome): void => {
  if (error === undefined) return;
  const text = failureText({ message: error, code });
  session.say([`${name} (${id}): ${text}`, ...(hint ? [`hint: ${hint}`] : [])]);
};

/** Refreshes all registries at once, on the server. */
const refreshAll = async (session: Session): Promise<RefreshOutcome[]> => {
  const { registries } = await session.client.refreshRegistries({});
  for (const outcome of registries) sayFailure(session, outcome);
  return registries;
};

/** Refreshes one of several registries. Its own failure is its outcome; others are thrown. */
const tryRefresh = async (
  session: Session,
  { id, name }: Registry,
  acceptOlder: boolean,
): Promise<RefreshOutcome> => {
  try {
    return await refreshOne(session, { id, name }, acceptOlder);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, message, hint } = error;
    const outcome = { id, name, error: message, code, hint };
    sayFailure(session, outcome);
    return outcome;
  }
};

const refreshNamed = async (
  session: Session,
  names: string[],
  acceptOlder: boolean,
): Promise<RefreshOutcome[]> => {
  const wanted = await Promise.all(names.map((name) => chooseRegistry(session.client, name)));
  const [only, another] = wanted;
  // With a single registry, its failure fails the command, with its hint.
  if (only && !another) return [await refreshOne(session, only, acceptOlder)];
  return Promise.all(wanted.map((registry) => tryRefresh(session, registry, acceptOlder)));
};

/** Refreshes the given registries, or all. A failure does not stop the others. */
export const refreshMany = async (
  session: Session,
  names: string[],
  { acceptOlder = false }: { acceptOlder?: boolean },
): Promise<void> => {
  if (acceptOlder && names.length === 0) {
    throw new UsageError("--accept-older needs a registry.", "Name the registry, by id or name.");
  }
  const outcomes =
    names.length === 0 ? await refreshAll(session) : await refreshNamed(session, names, acceptOlder);
  session.print(outcomes, () => outcomeLines(session.io, outcomes));
  const failed = outcomes.filter((o) => o.error !== undefined);
  if (failed.length === 0) return;
  throw new CommandFailed(
    `${failed.length} of ${outcomes.length} registries could not be refreshed: ${failed.map((o) => quoteText(o.name)).join(", ")}.`,
    "Their cached indexes stay in use.",
  );
};
