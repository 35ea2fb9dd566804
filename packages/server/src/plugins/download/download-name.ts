import contentDisposition from "content-disposition";
import { isArchiveName } from "../../library/filename.ts";

/** The name that a Content-Disposition header gives (RFC 6266), or undefined. */
const announced = (header: string | undefined): string | undefined => {
  try {
    return header === undefined ? undefined : contentDisposition.parse(header).parameters.filename;
  } catch {
    // The header comes from anywhere; one that is not valid names nothing.
    return undefined;
  }
};

/** Archives that a LANraragi server opens and a folder here does not, which says so where it is the library. */
const OTHER = /\.(rar|cbr|7z|cb7|tar|cbt|tar\.gz|tgz|tar\.xz|tar\.zst|lzma|pdf|epub)$/i;

/** The last segment of an address, as a person would read it. */
const lastSegment = (url: URL): string => {
  const segment = url.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not valid percent-encoding, so it stays as it is.
    return segment;
  }
};

/**
 * The file name of a download: the first that names an archive, of what the server announces and what its
 * addresses end with; else the first there is, made one, because the bytes are checked anyway.
 * @param urls the address that answered first, then those that led to it
 */
export const downloadName = (header: string | undefined, urls: readonly URL[]): string => {
  const candidates = [announced(header), ...urls.map(lastSegment)].filter((n): n is string => Boolean(n));
  return (
    candidates.find(isArchiveName) ??
    candidates.find((name) => OTHER.test(name)) ??
    `${candidates[0] ?? "download"}.zip`
  );
};
