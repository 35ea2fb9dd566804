import { ApiError, type Registry, type SkippedEntry } from "@hitagi/contract";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { oneLine, plain } from "../plain.ts";
import { chooseRegistry } from "../registry-choice.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";

/** What a refresh brought, or why it failed. */
interface Outcome {
  id: string;
  name: string;
  plugins?: number;
  changed?: boolean;
  skipped?: SkippedEntry[];
  skippedCount?: number;
  code?: string;
  error?: string;
}

/** Fetches one registry's index. @throws ApiError */
export const refreshOne = async (
  { client }: Session,
  { id, name }: Pick<Registry, "id" | "name">,
): Promise<Outcome> => {
  const { index, changed, skipped, skippedCount } = await client.refreshRegistry({ params: { id } });
  const left = skippedCount ? { skipped, skippedCount } : {};
  return { id, name, plugins: Object.keys(index.plugins).length, changed, ...left };
};

/** What a refresh left out of an index, for a person; "" where that is nothing. */
export const skippedText = (
  io: Io,
  { name, skipped = [], skippedCount = 0 }: Pick<Outcome, "name" | "skipped" | "skippedCount">,
): string => {
  if (skippedCount === 0) return "";
  const rows = skipped.map(({ path, reason }) => [path, reason]);
  const more = skippedCount - skipped.length;
  const rest = more > 0 ? `\n… and ${more} more` : "";
  return `\n\nSkipped in ${oneLine(name)}: ${skippedCount}\n${table(io, ["PATH", "REASON"], rows)}${rest}`;
};

const outcomeText = (io: Io, outcomes: Outcome[]): string => {
  const head = ["ID", "NAME", "PLUGINS", "CHANGED", "SKIPPED", "OUTCOME"];
  const rows = outcomes.map((o) => [o.id, o.name, o.plugins, o.changed, o.skippedCount, o.error ?? "done"]);
  return table(io, head, rows) + outcomes.map((o) => skippedText(io, o)).join("");
};

/** Refreshes a registry as one of several: what it does wrong is its outcome, what the server does is thrown. */
const tryRefresh = async (session: Session, { id, name }: Registry): Promise<Outcome> => {
  try {
    return await refreshOne(session, { id, name });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    session.say(plain(`${name} (${id}): ${error.message}${error.hint ? `\nhint: ${error.hint}` : ""}`));
    return { id, name, ...(error.code && { code: error.code }), error: error.message };
  }
};

/** Refreshes the registries named, or all; one that fails does not keep the others from it. */
export const refreshMany = async (session: Session, names: string[]): Promise<void> => {
  const wanted =
    names.length > 0
      ? await Promise.all(names.map((n) => chooseRegistry(session.client, n)))
      : (await session.client.listRegistries({})).registries;
  const [only] = wanted;
  const outcomes: Outcome[] = [];
  // Of a single one the failure is the command's own, with its hint.
  if (only && names.length === 1) outcomes.push(await refreshOne(session, only));
  else for (const registry of wanted) outcomes.push(await tryRefresh(session, registry));
  session.print(outcomes, () => outcomeText(session.io, outcomes));
  const failed = outcomes.filter((o) => o.error !== undefined);
  if (failed.length === 0) return;
  throw new CommandFailed(
    `${failed.length} of ${outcomes.length} registries could not be refreshed: ${failed.map((o) => o.name).join(", ")}.`,
    "What was cached of them before stays in use.",
  );
};
