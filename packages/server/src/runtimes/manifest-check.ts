import { HitagiError, Manifest, type Parameter } from "@hitagi/contract";
import semver from "semver";
import { Compile } from "typebox/compile";
import { Errors } from "typebox/value";

const manifestSchema = Compile(Manifest);

/** What is wrong with a manifest, and where: a JSON pointer (RFC 6901). */
interface Fault {
  path: string;
  reason: string;
}

/**
 * The manifest that a plugin gave, checked, with defaults filled in. The value is used as it is given apart from
 * that, so it must be plain JSON.
 * @throws HitagiError MANIFEST_INVALID with every fault: the path of the first, and what is wrong there and elsewhere
 */
export const checkManifest = (value: unknown): Manifest => {
  const manifest = manifestSchema.Default(value);
  const faults = [...shapeFaults(manifest), ...meaningFaults(Object(manifest))];
  const [first, ...more] = faults;
  if (first === undefined && manifestSchema.Check(manifest)) return manifest;
  const { path, reason } = first ?? { path: "/", reason: "it is not valid" };
  const others = more.map((fault) => `; ${fault.path}: ${fault.reason}`).join("");
  throw new HitagiError("MANIFEST_INVALID", { path, reason: `${reason}${others}` });
};

const fields = Object.entries(Manifest.properties);

/** Field by field, because a schema names only the first few faults of all that it checks. */
const shapeFaults = (value: unknown): Fault[] => {
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
      // Each unknown field is named by the object that must not have it, too.
      .filter(({ keyword }) => keyword !== "boolean")
      .map(({ name, instancePath, message, params }) => ({
        path: `/${name}${instancePath}`,
        reason: `${message}${namesIn(params)}`,
      })),
  ];
};

/** What a schema's message leaves out: the values allowed, the fields that there are not. */
const namesIn = (params: object): string => {
  if ("allowedValues" in params && Array.isArray(params.allowedValues))
    return `: ${params.allowedValues.join(", ")}`;
  if ("additionalProperties" in params && Array.isArray(params.additionalProperties)) {
    return `: ${params.additionalProperties.join(", ")}`;
  }
  return "";
};

/** What a schema does not say, of the fields that are of their type. */
const meaningFaults = ({ version, parameters, type, url_regex }: Record<string, unknown>): Fault[] => [
  ...(typeof version === "string" ? versionFaults(version) : []),
  ...Object.entries(Object(parameters)).flatMap(([name, parameter]) => [
    ...nameFaults(name),
    ...defaultFaults(name, Object(parameter)),
  ]),
  ...(typeof type === "string" ? urlRegexFaults(type, url_regex) : []),
];

const [parameterName = ""] = Object.keys(Manifest.properties.parameters.patternProperties);

/** A schema of records lets through the keys that do not fit its pattern. */
const nameFaults = (name: string): Fault[] => {
  if (new RegExp(parameterName).test(name)) return [];
  const reason = `${name} is no name for a setting: letters, digits and _, at most 64`;
  return [{ path: "/parameters", reason }];
};

/** SemVer 2.0.0 §2: no leading `v`, no white space, three numbers. */
const versionFaults = (version: string): Fault[] => {
  if (version === "" || (/^\d\S*$/.test(version) && semver.valid(version) !== null)) return [];
  return [{ path: "/version", reason: `${version} is no version by SemVer 2.0.0, such as 1.0.0` }];
};

const typeOfValue = { bool: "boolean", int: "number", string: "string", secret: "string" } as const;

const defaultFaults = (name: string, { type, default_value }: Partial<Parameter>): Fault[] => {
  if (default_value === undefined || type === undefined || !Object.hasOwn(typeOfValue, type)) return [];
  if (typeof default_value === typeOfValue[type]) return [];
  const reason = `the type ${type} needs a default that is a ${typeOfValue[type]}`;
  return [{ path: `/parameters/${name}/default_value`, reason }];
};

/** A download plugin is found by the addresses that it takes; for the others the field means nothing. */
const urlRegexFaults = (type: string, url_regex: unknown): Fault[] => {
  const fault = (reason: string): Fault[] => [{ path: "/url_regex", reason }];
  if (type !== "download") return url_regex === undefined ? [] : fault(`a ${type} plugin has none`);
  if (!url_regex) return fault("a download plugin must say which addresses it takes");
  return typeof url_regex !== "string" || isPattern(url_regex) ? [] : fault("it is no regular expression");
};

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
};
