import type { HistoryEntry } from "@hitagi/contract";
import { usePluginName } from "../plugins/use-plugin-name.ts";
import { hasText, useTexts } from "../texts/texts.ts";

/** The words of history entries. Home loads them, so their texts are not among those of the other places. */
export const useHistoryWords = () => {
  const { t, list } = useTexts();
  const pluginOf = usePluginName();
  const named = ({ kind, id }: NonNullable<HistoryEntry["subject"]>): string => {
    if (kind === "policy") return id.split(": ")[1] ?? "";
    return kind === "plugin" ? list(id.split(",").map(pluginOf)) : id;
  };
  return {
    pluginOf,
    /** What was done, without its subject. An action without a text keeps its name of the API. */
    nameOf: (action: string): string => {
      const id = `history.${action}`;
      return hasText(id) ? t(id) : action.replaceAll("_", " ");
    },
    /** The name of the subject; empty where the action's words say it: of the policies only block lists have names. */
    subjectOf: ({ subject, details }: HistoryEntry): string =>
      details?.name ?? (subject === null ? "" : named(subject)),
    /** How it failed. @param code its outcome */
    failureOf: (code: string): string =>
      code === "SOME_FAILED" ? t("history.someFailed") : t("history.failed", { code }),
    actorOf: ({ actor }: HistoryEntry): string => actor.key ?? t(`history.by.${actor.kind}`),
    /** What became of the settings of a plugin that was removed. */
    settingsOf: ({ details }: HistoryEntry): string =>
      details?.dropped_settings === undefined
        ? ""
        : t(details.dropped_settings ? "history.dropped" : "history.kept"),
  };
};
