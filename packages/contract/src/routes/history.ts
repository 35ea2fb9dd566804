import { Type } from "typebox";
import { HistoryEntry, subjectKinds } from "../history.ts";
import { LAST_EPOCH } from "../scalars.ts";
import { answer, paged, pageQuery, routes } from "./route.ts";

const Name = Type.String({ minLength: 1, maxLength: 256 });
const Id = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Time = Type.Number({ minimum: 0, maximum: LAST_EPOCH });

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
      /** The name of a key, or how it was done: api, cli, schedule, server. */
      actor: Type.Optional(Name),
      /** The operation of a call, or the task of a job. */
      action: Type.Optional(Name),
      /** What kind of thing it was done to. */
      kind: Type.Optional(Type.Enum([...subjectKinds])),
      /** The id of what it was done to. */
      subject: Type.Optional(Name),
      /** `ok`, `failed`, or the code of a failure. */
      outcome: Type.Optional(Name),
      /** Epoch seconds: from then on. */
      since: Type.Optional(Time),
      /** Epoch seconds: before then. */
      until: Type.Optional(Time),
      /** Only entries with a larger id. */
      after: Type.Optional(Id),
      /** Only entries with a smaller id, so that pages do not shift while entries are added. */
      before: Type.Optional(Id),
      format: Type.Optional(Type.Enum(["json", "jsonl"])),
      ...pageQuery,
    }),
    response: answer("list_history", paged(HistoryEntry)),
  },
});
