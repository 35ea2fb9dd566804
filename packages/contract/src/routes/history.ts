import { Type } from "typebox";
import { HistoryEntry, subjectKinds } from "../history.ts";
import { LAST_EPOCH } from "../scalars.ts";
import { answer, paged, pageQuery, routes } from "./route.ts";

const Name = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 256, description }));
const Id = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description }));
const Time = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: LAST_EPOCH, description }));

export const historyRoutes = routes({
  listHistory: {
    method: "GET",
    path: "/api/history",
    operation: "list_history",
    summary:
      "Who did what, newest first. With `format=jsonl`, or `Accept: application/x-ndjson`, all of it as JSON lines, " +
      "oldest first and without pages; `after` goes on from the last line that was read",
    tag: "server",
    scope: "read",
    query: Type.Object({
      actor: Name("The name of a key, or how it was done: api, cli, schedule, server."),
      action: Name("The operation of a call, or the task of a job."),
      kind: Type.Optional(
        Type.Enum([...subjectKinds], { description: "What kind of thing it was done to." }),
      ),
      subject: Name("The id of what it was done to; of an archive also the beginning of its id."),
      plugin: Name("A plugin's namespace: what was done to it, its settings, or by it."),
      archive: Name("An archive's id, or its beginning: what was done to it, also by a plugin or a batch."),
      outcome: Name("`ok`, `failed`, or the code of a failure."),
      since: Time("Epoch seconds: from then on."),
      until: Time("Epoch seconds: before then."),
      after: Id("Only entries with a larger id."),
      before: Id("Only entries with a smaller id, so that pages do not shift while entries are added."),
      format: Type.Optional(
        Type.Enum(["json", "jsonl"], {
          description: "`jsonl` for all entries as JSON lines, without pages.",
        }),
      ),
      ...pageQuery,
    }),
    response: answer("list_history", paged(HistoryEntry)),
  },
});
