import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { type Expression, type ObjectExpression, type Program, type Property, parse } from "acorn";

/** A place in a source; line and column begin at 1. */
export interface Position {
  line: number;
  column: number;
}

/** Finds the fields of a manifest in the source of a plugin. */
export interface ManifestSource {
  /**
   * Where a field is: its name, at least as far as the path leads. The first line where there is no manifest.
   * @param path such as `["permissions", "net"]`
   */
  placeOf(path: readonly string[]): Position;
  /** Where exactly this field is; undefined if it is not there. */
  find(path: readonly string[]): Position | undefined;
  /** Where the first of the fields that are functions is. */
  entryPoint(): Position | undefined;
}

const START: Position = { line: 1, column: 1 };

const nowhere: ManifestSource = { placeOf: () => START, find: () => undefined, entryPoint: () => undefined };

/** The value that a name of the module has. */
const resolve = (program: Program, value: Expression | undefined): ObjectExpression | undefined => {
  if (value?.type === "ObjectExpression") return value;
  if (value?.type !== "Identifier") return undefined;
  const declared = program.body
    .flatMap((node) => (node.type === "VariableDeclaration" ? node.declarations : []))
    .find(({ id }) => id.type === "Identifier" && id.name === value.name);
  return declared?.init?.type === "ObjectExpression" ? declared.init : undefined;
};

const manifestIn = (program: Program): ObjectExpression | undefined => {
  for (const node of program.body) {
    if (node.type === "ExportDefaultDeclaration") return resolve(program, node.declaration as Expression);
    const named =
      node.type === "ExportNamedDeclaration" &&
      node.specifiers.find(({ exported }) => "name" in exported && exported.name === "default");
    if (named && named.local.type === "Identifier") return resolve(program, named.local);
  }
  return undefined;
};

const propertiesOf = (object: ObjectExpression | undefined): Property[] =>
  (object?.properties ?? []).filter((one) => one.type === "Property");

const nameOf = ({ key }: Property): string => {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : "";
};

/**
 * Reads the source of a plugin as far as its manifest is written in it.
 * @param source TypeScript or JavaScript; one that cannot be parsed has no places
 */
export const readManifestSource = async (filename: string, source: string): Promise<ManifestSource> => {
  // Loaded only here: it starts a process.
  const { transform } = await import("esbuild");
  const loader = /\.ts$/i.test(filename) ? "ts" : "js";
  const made = await transform(source, {
    loader,
    sourcefile: filename,
    sourcemap: "external",
    logLevel: "silent",
  }).catch(() => undefined);
  if (!made) return nowhere;
  const program = parse(made.code, { ecmaVersion: "latest", sourceType: "module", locations: true });
  const map = new TraceMap(made.map);
  const manifest = manifestIn(program);

  const positionOf = ({ key }: Property): Position => {
    const at = key.loc?.start ?? { line: 1, column: 0 };
    const { line, column } = originalPositionFor(map, at);
    return line === null ? START : { line, column: column + 1 };
  };
  const walk = (path: readonly string[]): Property[] => {
    const found: Property[] = [];
    let object = manifest;
    for (const name of path) {
      const property = propertiesOf(object).find((one) => nameOf(one) === name);
      if (!property) break;
      found.push(property);
      object = resolve(program, property.value as Expression);
    }
    return found;
  };
  return {
    placeOf: (path) => {
      const last = walk(path).at(-1) ?? propertiesOf(manifest)[0];
      return last ? positionOf(last) : START;
    },
    find: (path) => {
      const found = walk(path);
      const last = found.length === path.length ? found.at(-1) : undefined;
      return last && positionOf(last);
    },
    entryPoint: () => {
      const method = propertiesOf(manifest).find(({ value }) => /Function/.test(value.type));
      return method && positionOf(method);
    },
  };
};
