import type { RunReport } from "../types.ts";

/** What is compared of a run, and kept until the next one. */
export interface KeptRun {
  archive: string | null;
  result: unknown;
  /** The message of a failure; null if it ended well. */
  failure: string | null;
  /** Each as `GET https://example.org/x`. */
  requests: string[];
}

/** What differs from the run before. */
export interface RunChanges {
  /** Tags, and requests. */
  added: string[];
  removed: string[];
  /** Other fields of the result, and the failure, with their values before and now. */
  fields: { name: string; before: unknown; now: unknown }[];
  requestsAdded: string[];
  requestsRemoved: string[];
}

export const keptRun = ({ archive, result, failure, requests }: RunReport): KeptRun => ({
  archive,
  result,
  failure: failure?.message ?? null,
  requests: requests.map(({ method, url }) => `${method} ${url}`),
});

const tagsOf = (result: unknown): string[] => {
  const { tags } = Object(result) as { tags?: unknown };
  return Array.isArray(tags) ? tags.map(String) : [];
};

const without = (all: readonly string[], others: readonly string[]): string[] =>
  all.filter((one) => !others.includes(one));

const fieldsOf = (run: KeptRun): Map<string, unknown> => {
  const { tags: _, ...fields } = Object(run.result) as Record<string, unknown>;
  return new Map(Object.entries({ ...fields, ...(run.failure !== null && { failure: run.failure }) }));
};

/** @returns null if there was no run before */
export const compareRuns = (before: KeptRun | undefined, now: KeptRun): RunChanges | null => {
  if (!before) return null;
  const [old, fresh] = [fieldsOf(before), fieldsOf(now)];
  const fields = [...new Set([...old.keys(), ...fresh.keys()])]
    .filter((name) => JSON.stringify(old.get(name)) !== JSON.stringify(fresh.get(name)))
    .map((name) => ({ name, before: old.get(name) ?? null, now: fresh.get(name) ?? null }));
  return {
    added: without(tagsOf(now.result), tagsOf(before.result)),
    removed: without(tagsOf(before.result), tagsOf(now.result)),
    fields,
    requestsAdded: without(now.requests, before.requests),
    requestsRemoved: without(before.requests, now.requests),
  };
};
