/** The parts of a plugin's page, in their order. */
export const partIds = [
  "overview",
  "settings",
  "policy",
  "try",
  "log",
  "network",
  "versions",
  "history",
] as const;
export type PartId = (typeof partIds)[number];

/** The part that an address names; none for the overview, and for a text that is no part. */
export const readPart = (search: Record<string, unknown>): { part?: PartId } => {
  const part = partIds.find((id) => id === search.part);
  return part === undefined || part === "overview" ? {} : { part };
};
