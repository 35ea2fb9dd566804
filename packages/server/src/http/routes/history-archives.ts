import { HitagiError } from "@hitagi/contract";
import type { Services } from "../../services.ts";
import type { HistoryFilter } from "../../store/types.ts";

/** The beginning of an archive's id, as lists show it. */
const SHORT_ID = /^[0-9a-f]{4,39}$/i;

/**
 * The whole id that a text is the beginning of, also of an archive that was deleted; the text itself if there is none.
 * @throws HitagiError VALIDATION_FAILED if several ids begin so
 */
const wholeId = async (
  { history, library }: Pick<Services, "history" | "library">,
  text: string,
): Promise<string> => {
  const start = text.toLowerCase();
  const ids = new Set(await library.ids({ idStart: start }));
  for await (const { subject } of history.all({ kind: "archive" }))
    if (subject?.id.startsWith(start)) ids.add(subject.id);
  const [found = text, another] = ids;
  if (another === undefined) return found;
  throw new HitagiError("VALIDATION_FAILED", {
    reason: `${ids.size} archives have ids that begin with ${text}`,
  });
};

/**
 * A filter in which the beginning of an archive's id is replaced by the id. A subject of another kind that is written so counts first.
 * @throws HitagiError VALIDATION_FAILED if several ids begin so
 */
export const withWholeIds = async (
  services: Pick<Services, "history" | "library">,
  filter: HistoryFilter,
): Promise<HistoryFilter> => {
  const { archive, subject, kind } = filter;
  const isShort = (text: string | undefined): text is string => text !== undefined && SHORT_ID.test(text);
  const isKnown = async (): Promise<boolean> =>
    (await services.history.list({ subject, kind }, 1, 1)).total > 0;
  const mayBeArchive = isShort(subject) && (kind ?? "archive") === "archive" && !(await isKnown());
  return {
    ...filter,
    ...(isShort(archive) && { archive: await wholeId(services, archive) }),
    ...(mayBeArchive && { subject: await wholeId(services, subject) }),
  };
};
