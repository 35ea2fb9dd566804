/** The parts of the server's page, in their order. */
export const partIds = [
  "health",
  "settings",
  "policy",
  "tags",
  "installs",
  "blocks",
  "keys",
  "sessions",
  "notifications",
  "log",
  "backup",
  "lockfile",
  "appearance",
  "about",
] as const;
export type PartId = (typeof partIds)[number];
