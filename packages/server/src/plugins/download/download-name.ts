import contentDisposition from "content-disposition";
import { isArchiveName } from "../../library/filename.ts";
import { headerText } from "../../net/header-text.ts";

/** The name that a Content-Disposition header gives (RFC 6266), or undefined. */
const announced = (header: string | undefined): string | undefined => {
  try {
    const name = header === undefined ? undefined : contentDisposition.parse(header).parameters.filename;
    return name === undefined ? undefined : headerText(name);
  } catch {
    // An invalid header gives no name.
    return undefined;
  }
};

/** The last segment of an address, as a person would read it. */
const lastSegment = (url: URL): string => {
  const segment = url.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(segment);
  } catch {
    // Invalid percent-encoding stays as it is.
    return segment;
  }
};

/**
 * The file name of a download. Candidates are the announced name and the ends of the addresses: the first archive name
 * wins, else the first candidate gets `.zip`, because the content is checked anyway.
 * @param urls the address that answered first, then those that led to it
 */
export const downloadName = (header: string | undefined, urls: readonly URL[]): string => {
  const candidates = [announced(header), ...urls.map(lastSegment)].filter((n): n is string => Boolean(n));
  return candidates.find(isArchiveName) ?? `${candidates[0] ?? "download"}.zip`;
};
