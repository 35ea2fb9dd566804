import { HitagiError } from "@hitagi/contract";

/** Reads the value of a setting, which is named for its fault. @throws HitagiError CONFIG_INVALID */
export type Parse<T> = (text: string, setting: string) => T;

export const text: Parse<string> = (value) => value;

/** A whole number between two, these included. */
export const bounded =
  (min: number, max: number): Parse<number> =>
  (value, setting) => {
    const n = Number(value);
    if (Number.isInteger(n) && n >= min && n <= max) return n;
    throw new HitagiError("CONFIG_INVALID", {
      name: setting,
      reason: `not a whole number from ${min} to ${max}`,
    });
  };

/** One of a few words. */
export const oneOf =
  <const T extends string>(...values: T[]): Parse<T> =>
  (value, setting) => {
    const found = values.find((v) => v === value);
    if (found !== undefined) return found;
    throw new HitagiError("CONFIG_INVALID", { name: setting, reason: `not one of ${values.join(", ")}` });
  };

/** An http or https address without query and fragment, or nothing. */
export const webAddress: Parse<string> = (value, setting) => {
  if (value === "") return value;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const plain = url?.protocol === "https:" || url?.protocol === "http:";
  if (plain && !/[?#]/.test(value)) return value.replace(/\/+$/, "");
  throw new HitagiError("CONFIG_INVALID", { name: setting, reason: "not an http or https address" });
};

/** Several of a kind, separated by commas. */
export const list =
  <T>(parse: Parse<T>): Parse<readonly T[]> =>
  (value, setting) =>
    value
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean)
      .map((item) => parse(item, setting));

/** A setting that is on or off; its flag of `hitagi serve` needs no value. */
export const onOff: Parse<boolean> = (value, name) => oneOf("0", "1")(value, name) === "1";
