import type { Manifest } from "@hitagi/contract";
import { parseVersion } from "../../semantic-version.ts";
import { propertyName } from "./translate/names.ts";

type Parameters = NonNullable<Manifest["parameters"]>;

/** A version of Perl as one of SemVer 2.0.0: `2.4` becomes `2.4.0`. */
export const semanticVersion = (version: string): string => {
  if (parseVersion(version) !== undefined) return version;
  const numbers = version.match(/\d+/g)?.map((one) => String(Number(one))) ?? [];
  return [...numbers, "0", "0", "0"].slice(0, 3).join(".");
};

/** A value as it is written in TypeScript. */
const literal = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, one]) => `${propertyName(name)}: ${literal(one)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
};

const defaultOf = ({ type, default_value: value }: Parameters[string]): unknown => {
  if (value === undefined) return undefined;
  if (type === "bool") return value !== "" && value !== "0" && value !== 0 && value !== false;
  return type === "int" ? Number(value) : String(value);
};

/** The settings as a constant, so that the compiler knows their types. Empty without settings. */
export const parametersText = ({ parameters = {} }: Manifest): string => {
  const fields = Object.entries(parameters).map(([name, parameter]) => {
    const { type, desc } = parameter;
    const given = type === "secret" ? undefined : defaultOf(parameter);
    const kept = {
      type,
      ...(desc !== undefined && { desc }),
      ...(given !== undefined && { default_value: given }),
    };
    return `  ${propertyName(name)}: ${literal(kept)},`;
  });
  return fields.length === 0 ? "" : `const parameters = {\n${fields.join("\n")}\n} as const;\n\n`;
};

/** What a plugin in TypeScript asks for: what the one in Perl does, and the hosts that its source names. */
export const permissionsOf = (
  { permissions = {} }: Manifest,
  hosts: readonly string[],
  usesFiles: boolean,
): NonNullable<Manifest["permissions"]> => {
  const net = [...new Set([...(permissions.net ?? []), ...hosts])].sort().slice(0, 64);
  const files = permissions.files ?? (usesFiles ? "the files that its settings name" : undefined);
  return {
    ...(net.length > 0 && { net }),
    ...(permissions.library && { library: permissions.library }),
    ...(files !== undefined && { files }),
  };
};

/** The fields of the manifest, as lines of an object. */
export const manifestLines = (
  manifest: Manifest,
  permissions: NonNullable<Manifest["permissions"]>,
): string[] => {
  const { namespace, type, name, version, author, description } = manifest;
  const { to_named_params, oneshot_arg, cooldown, login_from, icon, parameters = {} } = manifest;
  const { url_regex, source_regex } = manifest;
  const asked = Object.keys(permissions).length > 0 ? permissions : undefined;
  // Perl has no field for it. Any version of the login will do.
  const requires = login_from === undefined ? undefined : { plugins: { [login_from]: "*" } };
  const fields = {
    namespace,
    type,
    name,
    version: semanticVersion(version),
    author,
    description,
    ...{ oneshot_arg, cooldown, login_from, requires, url_regex, source_regex },
    ...{ to_named_params, permissions: asked, icon },
  };
  const lines = Object.entries(fields).flatMap(([field, value]) =>
    value === undefined ? [] : [`${field}: ${literal(value)},`],
  );
  return Object.keys(parameters).length > 0 ? [...lines, "parameters,"] : lines;
};
