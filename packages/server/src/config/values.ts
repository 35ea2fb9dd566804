import path from "node:path";
import { HitagiError } from "@hitagi/contract";

/** The error of a setting that is not valid. It never shows the value, which may be secret. */
export const invalidSetting = (name: string, reason: string, cause?: unknown): HitagiError =>
  new HitagiError("CONFIG_INVALID", { name, reason }, { cause });

/** Parses the text of a setting. `setting` is its name for the error. @throws HitagiError CONFIG_INVALID */
export type Parse<T> = (text: string, setting: string) => T;

export const text: Parse<string> = (value) => value;

/** A whole number from `min` to `max`. */
export const bounded =
  (min: number, max: number): Parse<number> =>
  (value, setting) => {
    const n = Number(value);
    if (Number.isInteger(n) && n >= min && n <= max) return n;
    throw invalidSetting(setting, `not a whole number from ${min} to ${max}`);
  };

/** One of a fixed set of words. */
export const oneOf =
  <const T extends string>(...values: T[]): Parse<T> =>
  (value, setting) => {
    const found = values.find((v) => v === value);
    if (found !== undefined) return found;
    throw invalidSetting(setting, `not one of ${values.join(", ")}`);
  };

/** An http or https address without query and fragment, or an empty text. */
export const webAddress: Parse<string> = (value, setting) => {
  if (value === "") return value;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (isWeb && !/[?#]/.test(value)) return value.replace(/\/+$/, "");
  throw invalidSetting(setting, "not an http or https address");
};

const HOST_NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$/;

/** A host name without a port. */
export const hostName: Parse<string> = (value, setting) => {
  if (HOST_NAME.test(value)) return value;
  throw invalidSetting(setting, "not a list of host names without ports and wildcards");
};

/** A host name or an IPv4 address, with or without a port. */
export const hostAndPort: Parse<string> = (value, setting) => {
  if (HOST_NAME.test(value.replace(/:\d{1,5}$/, ""))) return value;
  throw invalidSetting(setting, "not a list of host names with or without a port");
};

/** An absolute folder, resolved. */
export const absoluteFolder: Parse<string> = (value, setting) => {
  if (path.isAbsolute(value)) return path.resolve(value);
  throw invalidSetting(setting, "not a list of absolute folders");
};

/** A list, separated by commas. */
export const list =
  <T>(parse: Parse<T>): Parse<readonly T[]> =>
  (value, setting) =>
    value
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean)
      .map((item) => parse(item, setting));

/** `0` or `1`. The flag of `hitagi serve` needs no value. */
export const onOff: Parse<boolean> = (value, setting) => oneOf("0", "1")(value, setting) === "1";
