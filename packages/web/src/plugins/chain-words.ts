import type { ShownChainStep } from "@hitagi/contract";
import type { Translate } from "../texts/texts.ts";

/** The conditions of a step of the chain that are lists of texts. */
export const listedConditions = ["tagged", "untagged", "folders", "extensions", "without_source"] as const;

/** The conditions of a step of the chain in words; none for one that always runs. */
export const conditionWords = ({ when, ends_on_hit }: ShownChainStep, t: Translate): string[] => [
  ...(when.nothing_found ? [t("plugins.when.nothing_found")] : []),
  ...listedConditions.flatMap((name) =>
    when[name] ? [t(`plugins.when.${name}`, { what: when[name].join(", ") })] : [],
  ),
  ...(ends_on_hit ? [t("plugins.when.ends")] : []),
];
