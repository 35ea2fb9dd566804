export const groups = ["server", "library", "plugins", "registries", "storage", "history"] as const;
export type Group = (typeof groups)[number];

/** What the names of settings begin with, by group. A setting that none fits is one of the server. */
const beginnings: [Group, RegExp][] = [
  ["library", /^(library|newArchives|scan|settle|thumbnail|maxUpload|download)/],
  ["plugins", /^(plugin|callTimeout|warm|perl|grant|jobs|jobState)/],
  ["registries", /^(github|gitlab|gitea|git|fetch|refresh|caFile|proxy)/],
  ["storage", /^(data|store|artifacts|s3)/],
  ["history", /^(history|log)/],
];

export const groupOf = (name: string): Group =>
  beginnings.find(([, pattern]) => pattern.test(name))?.[0] ?? "server";

/** The variable of the environment that sets it: `HITAGI_MAX_UPLOAD` of `maxUpload`. */
export const variableOf = (name: string): string => `HITAGI_${name.replace(/([A-Z])/g, "_$1").toUpperCase()}`;
