import { ApiError, type RefreshOutcome, type Registry } from "@hitagi/contract";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { oneLine, plain } from "../plain.ts";
import { chooseRegistry } from "../registry-choice.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";

/** Fetches one registry's index. @throws ApiError */
export const refreshOne = async (
  { client }: Session,
  { id, name }: Pick<Registry, "id" | "name">,
): Promise<RefreshOutcome> => {
  const { index, changed, skipped, skippedCount } = await client.refreshRegistry({ params: { id } });
  const left = skippedCount ? { skipped, skippedCount } : {};
  return { id, name, plugins: Object.keys(index.plugins).length, changed, ...left };
};

/** What a refresh left out of an index, for a person; "" where that is nothing. */
export const skippedText = (
  io: Io,
  { name, skipped = [], skippedCount = 0 }: Pick<RefreshOutcome, "name" | "skipped" | "skippedCount">,
): string => {
  if (skippedCount === 0) return "";
  const rows = skipped.map(({ path, reason }) => [path, reason]);
  const more = skippedCount - skipped.length;
  const rest = more > 0 ? `\n… and ${more} more` : "";
  return `\n\nSkipped in ${oneLine(name)}: ${skippedCount}\n${table(io, ["PATH", "REASON"], rows)}${rest}`;
};

const outcomeText = (io: Io, outcomes: RefreshOutcome[]): string => {
  const head = ["ID", "NAME", "PLUGINS", "CHANGED", "SKIPPED", "OUTCOME"];
  const rows = outcomes.map((o) => [o.id, o.name, o.plugins, o.changed, o.skippedCount, o.error ?? "done"]);
  return table(io, head, rows) + outcomes.map((o) => skippedText(io, o)).join("");
};

const sayFailure = (session: Session, { id, name, error, hint }: RefreshOutcome): void => {
  if (error !== undefined) session.say(plain(`${name} (${id}): ${error}${hint ? `\nhint: ${hint}` : ""}`));
};

/** All of them at once, by the server. */
const refreshAll = async (session: Session): Promise<RefreshOutcome[]> => {
  const { registries } = await session.client.refreshRegistries({});
  for (const outcome of registries) sayFailure(session, outcome);
  return registries;
};

/** Refreshes a registry as one of several: what it does wrong is its outcome, what the server does is thrown. */
const tryRefresh = async (session: Session, { id, name }: Registry): Promise<RefreshOutcome> => {
  try {
    return await refreshOne(session, { id, name });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, message, hint } = error;
    const outcome = { id, name, error: message, ...(code && { code }), ...(hint && { hint }) };
    sayFailure(session, outcome);
    return outcome;
  }
};

const refreshNamed = async (session: Session, names: string[]): Promise<RefreshOutcome[]> => {
  const wanted = await Promise.all(names.map((name) => chooseRegistry(session.client, name)));
  const [only, another] = wanted;
  // Of a single one the failure is the command's own, with its hint.
  if (only && !another) return [await refreshOne(session, only)];
  return Promise.all(wanted.map((registry) => tryRefresh(session, registry)));
};

/** Refreshes the registries named, or all; one that fails does not keep the others from it. */
export const refreshMany = async (session: Session, names: string[]): Promise<void> => {
  const outcomes = names.length === 0 ? await refreshAll(session) : await refreshNamed(session, names);
  session.print(outcomes, () => outcomeText(session.io, outcomes));
  const failed = outcomes.filter((o) => o.error !== undefined);
  if (failed.length === 0) return;
  throw new CommandFailed(
    `${failed.length} of ${outcomes.length} registries could not be refreshed: ${failed.map((o) => o.name).join(", ")}.`,
    "What was cached of them before stays in use.",
  );
};
