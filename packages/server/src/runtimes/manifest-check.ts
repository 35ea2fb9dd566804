import { HitagiError, Manifest, type Parameter } from "@hitagi/contract";
import semver from "semver";
import { Compile } from "typebox/compile";

const manifestSchema = Compile(Manifest);

/**
 * The manifest that a plugin gave, checked, with defaults filled in. The value is used as it is given apart from
 * that, so it must be plain JSON.
 * @throws HitagiError MANIFEST_INVALID with the path of the first fault and what is wrong there
 */
export const checkManifest = (value: unknown): Manifest => {
  const manifest = manifestSchema.Default(value);
  if (!manifestSchema.Check(manifest)) throw firstFault(manifest);
  checkVersion(manifest.version);
  checkParameterNames(manifest);
  for (const [name, parameter] of Object.entries(manifest.parameters ?? {})) checkDefault(name, parameter);
  checkUrlRegex(manifest);
  return manifest;
};

const invalid = (path: string, reason: string, cause?: unknown): HitagiError =>
  new HitagiError("MANIFEST_INVALID", { path, reason }, { cause });

interface Fault {
  keyword: string;
  instancePath: string;
  params: object;
  message: string;
}

const firstFault = (value: unknown): HitagiError => {
  const faults: Fault[] = manifestSchema.Errors(value);
  const fault = faults.find((f) => f.keyword !== "boolean") ?? faults[0];
  if (!fault) return invalid("/", "it is not valid");
  return invalid(fault.instancePath || "/", `${fault.message}${namesIn(fault.params)}`);
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

const [parameterName = ""] = Object.keys(Manifest.properties.parameters.patternProperties);

/** A schema of records lets through the keys that do not fit its pattern. */
const checkParameterNames = ({ parameters = {} }: Manifest): void => {
  const wrong = Object.keys(parameters).find((name) => !new RegExp(parameterName).test(name));
  if (wrong === undefined) return;
  throw invalid("/parameters", `${wrong} is no name for a setting: letters, digits and _, at most 64`);
};

/** SemVer 2.0.0 §2: no leading `v`, no white space, three numbers. */
const checkVersion = (version: string): void => {
  if (/^\d\S*$/.test(version) && semver.valid(version) !== null) return;
  throw invalid("/version", `${version} is no version by SemVer 2.0.0, such as 1.0.0`);
};

const typeOfValue = { bool: "boolean", int: "number", string: "string", secret: "string" } as const;

const checkDefault = (name: string, { type, default_value }: Parameter): void => {
  if (default_value === undefined || typeof default_value === typeOfValue[type]) return;
  throw invalid(
    `/parameters/${name}/default_value`,
    `a ${type} needs a default that is a ${typeOfValue[type]}`,
  );
};

/** A download plugin is found by the addresses that it takes; for the others the field means nothing. */
const checkUrlRegex = ({ type, url_regex }: Manifest): void => {
  if (type !== "download") {
    if (url_regex !== undefined) throw invalid("/url_regex", `a ${type} plugin has none`);
    return;
  }
  if (!url_regex) throw invalid("/url_regex", "a download plugin must say which addresses it takes");
  try {
    new RegExp(url_regex);
  } catch (cause) {
    throw invalid("/url_regex", "it is no regular expression", cause);
  }
};
