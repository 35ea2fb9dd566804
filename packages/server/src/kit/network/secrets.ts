import type { Manifest, ParameterValue } from "@hitagi/contract";
import type { Exchange } from "./recording.ts";

/** Replaces the values of secret settings by their names, and puts them back. */
export interface SecretNames {
  /** In any text, also of JSON. */
  hide(text: string): string;
  /** In the text of JSON. */
  show(json: string): string;
}

/** A text within a JSON string. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Shorter values occur by chance. */
const MIN_LENGTH = 4;

/** @param settings the values of a run */
export const secretNames = (
  { parameters = {} }: Pick<Manifest, "parameters">,
  settings: Readonly<Record<string, ParameterValue>>,
): SecretNames => {
  const secrets = Object.entries(parameters)
    .filter(([, { type }]) => type === "secret")
    .map(([name]) => [`{{${name}}}`, String(settings[name] ?? "")] as const)
    .filter(([, value]) => value.length >= MIN_LENGTH)
    // A secret may contain another one.
    .sort(([, a], [, b]) => b.length - a.length);
  return {
    hide: (text) =>
      secrets.reduce(
        (hidden, [name, value]) =>
          [value, inJson(value), encodeURIComponent(value), Buffer.from(value).toString("base64")].reduce(
            (rest, form) => rest.replaceAll(form, name),
            hidden,
          ),
        text,
      ),
    show: (json) => secrets.reduce((shown, [name, value]) => shown.replaceAll(name, inJson(value)), json),
  };
};

/** Headers of answers that identify a person, or change with each answer without a meaning for plugins. */
const LEFT_OUT =
  /^(set-cookie2?|cookie|authorization|proxy-.*|www-authenticate|date|age|expires|etag|cf-.*|x-request-id|x-amz.*|report-to|nel|server-timing|alt-svc|connection|keep-alive|transfer-encoding|content-length|content-encoding)$/i;

/** An exchange as it is kept, without secrets. */
export const withoutSecrets = (exchange: Exchange, { hide }: SecretNames): Exchange => {
  const { headers, ...rest } = exchange;
  const kept = Object.entries(headers).filter(([name]) => !LEFT_OUT.test(name));
  return JSON.parse(hide(JSON.stringify({ ...rest, headers: Object.fromEntries(kept) }))) as Exchange;
};
