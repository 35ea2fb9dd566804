import { type AutomaticPlugin, HitagiError, UpdatePolicy, type UpdateWindow } from "@hitagi/contract";
import { documentKind } from "../documents/documents.ts";
import type { ActivePlugin } from "../plugins/types.ts";

/** The owner's rules for automatic updates. The choice of one plugin is in its record. */
export const updatePolicy = documentKind(
  "update-policy",
  UpdatePolicy,
  { all: false, registries: {}, window: null },
  "updates",
);

/** Whether a plugin updates itself: its own choice counts before that of its registry, and that before the one for all. */
export const automaticOf = (
  { registry, updates }: Pick<ActivePlugin, "registry" | "updates">,
  policy: UpdatePolicy,
): Pick<AutomaticPlugin, "automatic" | "by"> => {
  if (updates?.automatic !== undefined) return { automatic: updates.automatic, by: "plugin" };
  const ofRegistry = policy.registries[registry ?? ""];
  return ofRegistry === undefined
    ? { automatic: policy.all, by: "all" }
    : { automatic: ofRegistry, by: "registry" };
};

const clockIn = (zone: string, now: number): string =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(now * 1000);

/** Whether updates may begin. @param now epoch seconds */
export const isOpen = (window: UpdateWindow | null, now: number): boolean => {
  if (window === null) return true;
  const { from, to, zone } = window;
  const clock = clockIn(zone, now);
  return from <= to ? from <= clock && clock < to : clock >= from || clock < to;
};

/** @throws HitagiError VALIDATION_FAILED for a time zone that does not exist */
export const checkWindow = (window: UpdateWindow | null): UpdateWindow | null => {
  if (window === null) return null;
  try {
    clockIn(window.zone, 0);
    return window;
  } catch {
    throw new HitagiError("VALIDATION_FAILED", { reason: `there is no time zone ${window.zone}` });
  }
};
