/** Tags as a list; they are stored as one text. */
export const tagsIn = (text: string): string[] =>
  text
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");

export interface Found {
  tags: string[];
  title: string | undefined;
  summary: string | undefined;
}

/** What a metadata plugin's result would set. The result is any JSON, in LANraragi's names. */
export const foundIn = (data: unknown): Found => {
  const { new_tags, title, summary } = (typeof data === "object" && data !== null ? data : {}) as Record<
    string,
    unknown
  >;
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  return { tags: tagsIn(text(new_tags) ?? ""), title: text(title), summary: text(summary) };
};
