import { type ImportContext, runStep } from "./context.ts";

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** Imports the tag rules, if this server has none. */
export const importTagRules = async (context: ImportContext): Promise<void> => {
  const { client, foreign } = context;
  const lines = linesOf(foreign.tagRules?.text ?? "");
  if (foreign.tagRules === undefined || lines.length === 0) return;
  const name = `${lines.length} ${lines.length === 1 ? "rule" : "rules"}`;
  const { text, revision } = await client.getTagRules({});
  const own = linesOf(text);
  if (own.length > 0) {
    const isSame = own.join("\n") === lines.join("\n");
    const note = isSame ? "" : "tag rules are set here and stay; `hitagi policy tags` changes them";
    return context.report("tag rules", name, isSame ? "there" : "not done", note);
  }
  const { enabled } = foreign.tagRules;
  const note = enabled ? "" : "they are off, as in LANraragi";
  await runStep(context, { what: "tag rules", name, note }, () =>
    client.updateTagRules({ body: { enabled, text: lines.join("\n"), lenient: true, revision } }),
  );
};
