import type { Comment, Node, Program } from "acorn";
import { moduleParser } from "./module-parser.ts";

/** Line and column count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** Something that makes the engine load a module, at an offset of the code. */
export interface ModuleRequest {
  /** The module's name; undefined for `import(…)`. */
  name: string | undefined;
  /** An `import` statement that can be left out, because nothing is exported again. */
  isImport: boolean;
  start: number;
  end: number;
  position: Position;
}

export interface ModuleSyntax {
  /** In the order of the code. */
  requests: ModuleRequest[];
  comments: Comment[];
}

/** The code is not valid, in the words of the parser. */
export class ModuleSyntaxError extends Error {
  readonly position: Position;
  constructor(reason: string, position: Position) {
    super(reason);
    this.position = position;
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

/** All nodes of a tree, without recursion: code may be nested more deeply than the stack. */
function* nodesOf(program: Program): Generator<Node> {
  const waiting: Node[] = [program];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    yield node;
    for (const value of Object.values(node).flat()) if (isNode(value)) waiting.push(value);
  }
}

/** Of all nodes only those that load a module have a source: `import`, `export … from` and `import(…)`. */
const requestOf = (node: Node): ModuleRequest[] => {
  if (!("source" in node) || !isNode(node.source)) return [];
  const { start, end, loc, type } = node;
  const named = type !== "ImportExpression" && "value" in node.source;
  return [
    {
      name: named ? String((node.source as { value?: unknown }).value) : undefined,
      isImport: type === "ImportDeclaration",
      start,
      end,
      position: { line: loc?.start.line ?? 1, column: (loc?.start.column ?? 0) + 1 },
    },
  ];
};

const parse = (code: string, comments: Comment[]): Program => {
  try {
    return moduleParser().parse(code, {
      ecmaVersion: "latest",
      sourceType: "module",
      locations: true,
      onComment: comments,
    });
  } catch (e) {
    if (!(e instanceof SyntaxError) || !("loc" in e)) throw e;
    const { line, column } = e.loc as Position;
    throw new ModuleSyntaxError(e.message.replace(/ \(\d+:\d+\)$/, ""), { line, column: column + 1 });
  }
};

/** Parses JavaScript as a module (ECMA-262 §16.2). @throws ModuleSyntaxError */
export const readModuleSyntax = (code: string): ModuleSyntax => {
  const comments: Comment[] = [];
  const requests = [...nodesOf(parse(code, comments))].flatMap(requestOf);
  return { requests: requests.sort((a, b) => a.start - b.start), comments };
};
