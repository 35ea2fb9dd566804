import type { Manifest } from "@hitagi/contract";
import { hostsIn } from "./hosts.ts";
import { manifestLines, parametersText, permissionsOf } from "./manifest.ts";
import { parsePerl } from "./perl/statements.ts";
import type { Statement, Sub } from "./perl/syntax.ts";
import { rules } from "./translate/all-rules.ts";
import { assignedVariables } from "./translate/assigned-variables.ts";
import { type HelperName, helpers } from "./translate/helpers.ts";
import { indented } from "./translate/lines.ts";
import type { KnownSub, Program } from "./translate/program.ts";
import type { TranslationReport } from "./translate/report.ts";
import { statementsOf } from "./translate/statements.ts";
import { ENTRIES, entryLines, functionLines, knownSub } from "./translate/subs.ts";
import { Translation } from "./translate/translation.ts";

/** A plugin in TypeScript, and how much of it came over. */
export interface TranslatedPlugin {
  text: string;
  hosts: string[];
  report: TranslationReport;
}

/** More are needed only where functions call each other in a circle; then the last one holds. */
const MAX_ROUNDS = 12;

const TYPES = {
  metadata: ["MetadataPlugin", "MetadataContext"],
  download: ["DownloadPlugin", "DownloadContext"],
  login: ["LoginPlugin", "LoginContext"],
  script: ["ScriptPlugin", "ScriptContext"],
} as const satisfies Record<Manifest["type"], readonly [plugin: string, context: string]>;

/** Statements of the file that belong to Perl's modules. */
const isOfModule = (statement: Statement): boolean =>
  statement.kind === "use" ||
  statement.kind === "sub" ||
  (statement.kind === "expression" && statement.expression.kind === "number");

interface Parts {
  constants: string[];
  entry: string[];
  functions: string[][];
}

/** Whether the settings are a list, which older plugins get by place. */
const isPositional = (source: string): boolean => /\bparameters\s*=>\s*\[/.test(source);

/** Translates everything once. */
const translateAll = (
  program: Program,
  statements: readonly Statement[],
  entry: KnownSub | undefined,
  context: string,
): Parts => {
  program.report = { statements: 0, translated: 0, left: [] };
  program.helpers.clear();
  program.constants = undefined;
  const start = { start: 0, end: program.source.length };
  const file: Sub = { kind: "sub", name: "", body: [], ...start };
  const body = statements.filter((one) => !isOfModule(one));
  const own = new Translation(
    program,
    knownSub(file, () => false),
    false,
    assignedVariables(body),
    rules,
  );
  const constants = statementsOf(own, body);
  program.constants = own.scope;
  const lines = entry ? entryLines(program, entry, isPositional(program.source)) : [];
  const others = [...program.subs.values()].filter((known) => known !== entry);
  return {
    constants,
    entry: lines,
    functions: others.map((known) => functionLines(program, known, context)),
  };
};

/**
 * Translates a plugin in Perl. What has no translation is kept as comments, with a call that stops a run there.
 * @param manifest as the plugin was loaded
 * @param file the name of its file
 * @throws PerlSyntaxError where the source is not even made of tokens
 */
export const translatePlugin = (source: string, manifest: Manifest, file: string): TranslatedPlugin => {
  const statements = parsePerl(source);
  const subs = statements.filter((one): one is Sub => one.kind === "sub" && one.name !== "plugin_info");
  const program: Program = {
    ...{ manifest, source, usesFiles: false, isChanged: false },
    subs: new Map(),
    helpers: new Set<HelperName>(),
    constants: undefined,
    report: { statements: 0, translated: 0, left: [] },
  };
  const names = new Set<string>(Object.keys(helpers));
  for (const sub of subs) {
    const known = knownSub(sub, (name) => names.has(name));
    names.add(known.name);
    program.subs.set(sub.name, known);
  }
  const [pluginType, contextType] = TYPES[manifest.type];
  const hasParameters = Object.keys(manifest.parameters ?? {}).length > 0;
  const generic = hasParameters ? "<typeof parameters>" : "";
  const context = `${contextType}${generic}`;
  const entry = program.subs.get(ENTRIES[manifest.type].perl);
  let parts: Parts = { constants: [], entry: [], functions: [] };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    program.isChanged = false;
    parts = translateAll(program, statements, entry, context);
    if (!program.isChanged) break;
  }
  const hosts = hostsIn(source);
  const usedHelpers = (Object.keys(helpers) as HelperName[])
    .filter((name) => program.helpers.has(name))
    .map((name) => helpers[name](file, context));
  const functions = parts.functions.map((lines) => lines.join("\n"));
  const isAsync = entry?.isAsync ? "async " : "";
  const needsContext = /\bctx\b/.test([...functions, ...usedHelpers].join("\n"));
  const entryName = ENTRIES[manifest.type].typeScript;
  const body = [
    ...manifestLines(manifest, permissionsOf(manifest, hosts, program.usesFiles)),
    `${isAsync}${entryName}(${/\bctx\b/.test(parts.entry.join("\n")) ? "ctx" : ""}) {`,
    ...indented(parts.entry),
    "},",
  ];
  const sections = [
    `// Ported from ${file} by \`hitagi port\`.`,
    `import type { ${[...(needsContext ? [contextType] : []), pluginType].join(", ")} } from "@hitagi/sdk";`,
    parametersText(manifest).trimEnd(),
    parts.constants.join("\n"),
    ...usedHelpers,
    ...functions,
    `export default {\n${indented(body).join("\n")}\n} satisfies ${pluginType}${generic};`,
  ];
  return { text: `${sections.filter(Boolean).join("\n\n")}\n`, hosts, report: program.report };
};
