import type { InstallPolicy } from "@hitagi/contract";

const HOUR_S = 3600;

/** The hours that a version must be known: those of the plugin count before those of its registry. */
export const minimumHours = ({ age }: InstallPolicy, namespace: string, registry: string): number =>
  age.plugins[namespace] ?? age.registries[registry] ?? age.hours;

const units = [
  [86_400, "day"],
  [HOUR_S, "hour"],
  [60, "minute"],
] as const;

/** A time span in words, rounded down to its largest unit: `2 hours`. @param seconds of the span */
export const spanText = (seconds: number): string => {
  const [size, name] = units.find(([size]) => seconds >= size) ?? [1, "second"];
  const count = Math.max(0, Math.floor(seconds / size));
  return `${count} ${name}${count === 1 ? "" : "s"}`;
};

/** The age of a version that is younger than it must be, in words; undefined where it is old enough. */
export const youthOf = (
  policy: InstallPolicy,
  { namespace, registry, accepted }: { namespace: string; registry: string; accepted: number },
  now: number,
): { age: string; minimum: string } | undefined => {
  const minimum = minimumHours(policy, namespace, registry) * HOUR_S;
  const age = now - accepted;
  return age >= minimum ? undefined : { age: spanText(age), minimum: spanText(minimum) };
};
