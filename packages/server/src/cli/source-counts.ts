import { quoteText, type SourceCounts } from "@hitagi/contract";

/** The most sites that are named. */
const NAMED = 10;

const archivesText = (count: number): string => (count === 1 ? "1 archive" : `${count} archives`);

/** What a batch by source would do, for example `3 of 5 archives have a source that a plugin reads: reader 3.` */
export const sourceLines = (counts: SourceCounts): string[] => {
  const { archives, readable, plugins, without_source, unknown_source, unknown } = counts;
  const readers = plugins.map((one) => `${one.plugin} ${one.archives}`).join(", ");
  const sites = unknown.slice(0, NAMED).map((one) => `${quoteText(one.site)} ${one.archives}`);
  const more = unknown.length > NAMED ? ", …" : "";
  return [
    `${readable} of ${archivesText(archives)} have a source that a plugin reads${readers && `: ${readers}`}.`,
    `${archivesText(without_source)} without a source, ${archivesText(unknown_source)} with a source that no plugin reads${
      sites.length > 0 ? `: ${sites.join(", ")}${more}` : ""
    }.`,
  ];
};
