import { HitagiError } from "@hitagi/contract";
import type { ProbeAttempt } from "./probe.ts";

/** What tells most of where the registry is, where none was found: the first of these that some place ended in. */
const TELLING = [
  "SOURCE_CREDENTIAL_REFUSED",
  "SOURCE_RATE_LIMITED",
  "SOURCE_REF_MISSING",
  "SOURCE_CREDENTIAL_NEEDED",
] as const;

/** The place that is meant most likely: one that has an index, else the one whose failure tells most, else the first. */
export const chooseFound = (attempted: readonly ProbeAttempt[]): ProbeAttempt => {
  const indexes = attempted.filter(({ outcome }) => outcome === "OK");
  const best =
    indexes.find(({ usable }) => usable) ?? indexes.find(({ faults }) => faults?.[0]?.path !== "/");
  const telling = TELLING.flatMap((code) => attempted.find(({ outcome }) => outcome === code) ?? []);
  // A repository that is there, without a registry.json in it, beats hosts that have no such repository.
  const there = attempted.find(
    ({ outcome, provider }) => outcome === "SOURCE_FILE_MISSING" && provider !== "cdn",
  );
  const found = best ?? telling[0] ?? there ?? indexes[0] ?? attempted[0];
  if (!found) throw new HitagiError("ADDRESS_UNKNOWN", { reason: "nothing known looks like it" });
  return found;
};
