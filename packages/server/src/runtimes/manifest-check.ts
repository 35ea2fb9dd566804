import { cleanTexts, HitagiError, Manifest, type Parameter } from "@hitagi/contract";
import semver from "semver";
import { Errors } from "typebox/value";
import { lazySchema } from "../lazy-schema.ts";
import { parseVersion } from "../semantic-version.ts";
import { isUrlRegex } from "./url-regex.ts";

const manifestSchema = lazySchema(Manifest);

/** One thing that is wrong with a manifest. */
interface ManifestError {
  /** A JSON pointer (RFC 6901). */
  path: string;
  reason: string;
}

/**
 * Checks a plugin's manifest, fills in defaults and cleans its texts.
 * @param value plain JSON; otherwise it is used as it is
 * @param anyVersion whether the version may be any text that LANraragi takes, a download plugin may lack its `url_regex`, and that of a
 *   metadata plugin, which LANraragi does not read, may be no pattern: a plugin that was written for LANraragi
 * @throws HitagiError MANIFEST_INVALID with all errors: the path of the first, and the reasons of all
 */
export const checkManifest = (value: unknown, anyVersion = false): Manifest => {
  const manifest = manifestSchema().Default(value);
  const [first, ...more] = [...schemaErrors(manifest), ...semanticErrors(Object(manifest), anyVersion)];
  if (first === undefined && manifestSchema().Check(manifest)) return cleanTexts(manifest);
  const { path, reason } = first ?? { path: "/", reason: "it is not valid" };
  const others = more.map((error) => `; ${error.path}: ${error.reason}`).join("");
  throw new HitagiError("MANIFEST_INVALID", { path, reason: `${reason}${others}` });
};

const fields = Object.entries(Manifest.properties);

/** Checks field by field, because a schema reports only the first few of all its errors. */
const schemaErrors = (value: unknown): ManifestError[] => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [{ path: "/", reason: "must be object" }];
  }
  const manifest = value as Record<string, unknown>;
  const required: readonly string[] = Manifest.required;
  const missing = required.filter((name) => !Object.hasOwn(manifest, name));
  const unknown = Object.keys(manifest).filter((name) => !Object.hasOwn(Manifest.properties, name));
  return [
    ...(missing.length > 0 ? [{ path: "/", reason: `must have ${missing.join(", ")}` }] : []),
    ...(unknown.length > 0 ? [{ path: "/", reason: `must not have ${unknown.join(", ")}` }] : []),
    ...fields
      .filter(([name]) => Object.hasOwn(manifest, name))
      .filter(([name]) => manifest[name] !== undefined || required.includes(name))
      .flatMap(([name, schema]) => Errors(schema, manifest[name]).map((error) => ({ ...error, name })))
      // The object that has an unknown field reports it too.
      .filter(({ keyword }) => keyword !== "boolean")
      .map(({ name, instancePath, message, params }) => ({
        path: `/${name}${instancePath}`,
        reason: `${message}${namesIn(params)}`,
      })),
  ];
};

/** The names that a schema's message leaves out: allowed values, unknown fields. */
const namesIn = (params: object): string => {
  const names =
    ("allowedValues" in params && params.allowedValues) ||
    ("additionalProperties" in params && params.additionalProperties);
  return Array.isArray(names) ? `: ${names.join(", ")}` : "";
};

/** Rules that the schema cannot express, for fields of the right type. */
const semanticErrors = (
  { version, parameters, type, url_regex, source_regex, requires }: Record<string, unknown>,
  anyVersion: boolean,
): ManifestError[] => [
  ...(typeof version === "string" ? versionErrors(version, anyVersion) : []),
  ...rangeErrors(Object(requires)),
  ...Object.entries(Object(parameters)).flatMap(([name, parameter]) => [
    ...nameErrors(name),
    ...defaultErrors(name, Object(parameter)),
  ]),
  ...(typeof type === "string" && !(anyVersion && (url_regex === undefined || type === "metadata"))
    ? urlRegexErrors(type, url_regex)
    : []),
  ...(typeof type === "string" && source_regex !== undefined && !anyVersion
    ? sourceRegexErrors(type, source_regex)
    : []),
];

const [parameterName = ""] = Object.keys(Manifest.properties.parameters.patternProperties);

/** A record's schema ignores keys that do not match its pattern. */
const nameErrors = (name: string): ManifestError[] => {
  if (new RegExp(parameterName).test(name)) return [];
  const reason = `${name} is no name for a setting: letters, digits and _, at most 64`;
  return [{ path: "/parameters", reason }];
};

/** A version as LANraragi's plugins have it: `0.001`, `2.5.2_1`. */
const ANY_VERSION = /^[0-9A-Za-z][0-9A-Za-z._+~-]{0,255}$/;

/** SemVer 2.0.0 §2: no leading `v`, no white space, three numbers. */
const versionErrors = (version: string, anyVersion: boolean): ManifestError[] => {
  if (version === "" || parseVersion(version) !== undefined) return [];
  if (anyVersion && ANY_VERSION.test(version)) return [];
  return [{ path: "/version", reason: `${version} is no version by SemVer 2.0.0, such as 1.0.0` }];
};

/** Ranges are npm's. */
const rangeErrors = ({ hitagi, plugins }: Record<string, unknown>): ManifestError[] =>
  [["hitagi", hitagi] as const, ...Object.entries(Object(plugins))]
    .filter(([, range]) => typeof range === "string" && semver.validRange(range) === null)
    .map(([name, range]) => ({
      path: "/requires",
      reason: `${range} of ${name} is no range of versions, such as ^1.0.0`,
    }));

const typeOfValue = { bool: "boolean", int: "number", string: "string", secret: "string" } as const;

const defaultErrors = (name: string, { type, default_value }: Partial<Parameter>): ManifestError[] => {
  if (default_value === undefined || type === undefined || !Object.hasOwn(typeOfValue, type)) return [];
  if (typeof default_value === typeOfValue[type]) return [];
  const reason = `the type ${type} needs a default that is a ${typeOfValue[type]}`;
  return [{ path: `/parameters/${name}/default_value`, reason }];
};

/** Plugins that take addresses are chosen by it. */
const urlRegexErrors = (type: string, url_regex: unknown): ManifestError[] => {
  const error = (reason: string): ManifestError[] => [{ path: "/url_regex", reason }];
  if (type === "metadata" && url_regex === undefined) return [];
  if (type !== "download" && type !== "metadata") {
    return url_regex === undefined ? [] : error(`a ${type} plugin has none`);
  }
  if (!url_regex) return error(`a ${type} plugin must say which addresses it takes`);
  return typeof url_regex !== "string" || isUrlRegex(url_regex) ? [] : error("it is no regular expression");
};

/** Sources are addresses of metadata. */
const sourceRegexErrors = (type: string, source_regex: unknown): ManifestError[] => {
  const error = (reason: string): ManifestError[] => [{ path: "/source_regex", reason }];
  if (type !== "metadata") return error(`a ${type} plugin has none`);
  if (source_regex === "") return error("it must say which sources the plugin reads");
  return typeof source_regex !== "string" || isUrlRegex(source_regex)
    ? []
    : error("it is no regular expression");
};
