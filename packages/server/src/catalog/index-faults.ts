/** One thing that is wrong with a registry.json. */
export interface IndexFault {
  /** Where: a JSON pointer (RFC 6901), with `/` for the document itself. */
  path: string;
  /** What, in words. */
  reason: string;
}

/** Takes a fault, with a JSON pointer that begins at the value in question; one that throws ends the check. */
export type Report = (path: string, reason: string) => void;

/** A step of a JSON pointer (RFC 6901 §3). */
export const pointerStep = (key: string | number): string =>
  `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** A report for a value inside another: it takes pointers from that value on. */
export const inside =
  (key: string, report: Report): Report =>
  (path, reason) =>
    report(pointerStep(key) + path, reason);
