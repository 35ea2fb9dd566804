import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { TSchema } from "typebox";

/** One thing that is wrong with a request: where, and what. */
export interface Fault {
  /** `/body/<field>`, `/path/<name>` or `/query/<name>`, as LANraragi's clients read it. */
  path: string;
  message: string;
}

/** A request that its schema refuses, with every fault that was found. */
export class RequestInvalid extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map((f) => `${f.path}: ${f.message}`).join("; "));
    this.name = "RequestInvalid";
    this.faults = faults;
  }
}

const PLACES = { body: "/body", params: "/path", querystring: "/query" } as const;
export type Part = keyof typeof PLACES;

const MAX_FAULTS = 100;

const kindOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

const lengthOf = (value: unknown): number =>
  typeof value === "string" || Array.isArray(value) ? value.length : Object.keys(Object(value)).length;

interface Branch {
  type?: string;
  anyOf?: Branch[];
}

const typesIn = (branches: Branch[]): string[] =>
  branches.flatMap(({ type, anyOf }) => (anyOf ? typesIn(anyOf) : [type ?? "another value"]));

/** What each keyword's fault is called. The words are those that LANraragi's clients know. */
const messages: Record<string, (e: ErrorObject) => string> = {
  required: () => "Missing property.",
  additionalProperties: () => "Property not allowed.",
  enum: (e) => `Not in enum list: ${(e.params.allowedValues as unknown[]).join(", ")}.`,
  type: (e) => `Expected ${e.params.type} - got ${kindOf(e.data)}.`,
  anyOf: (e) => `Expected ${typesIn(e.schema as Branch[]).join(", ")} - got ${kindOf(e.data)}.`,
  pattern: (e) => `String does not match ${e.params.pattern}.`,
  minLength: (e) => `String is too short: ${lengthOf(e.data)}/${e.params.limit}.`,
  maxLength: (e) => `String is too long: ${lengthOf(e.data)}/${e.params.limit}.`,
  minItems: (e) => `Not enough items: ${lengthOf(e.data)}/${e.params.limit}.`,
  maxItems: (e) => `Too many items: ${lengthOf(e.data)}/${e.params.limit}.`,
  minProperties: (e) => `Not enough properties: ${lengthOf(e.data)}/${e.params.limit}.`,
  maxProperties: (e) => `Too many properties: ${lengthOf(e.data)}/${e.params.limit}.`,
  uniqueItems: () => "Unique items required.",
  minimum: (e) => `${e.data} < minimum(${e.params.limit}).`,
  maximum: (e) => `${e.data} > maximum(${e.params.limit}).`,
};

/** The property that a fault is about where it is not the value that the fault was found at. */
const propertyOf = (e: ErrorObject): string =>
  e.keyword === "required" ? `/${e.params.missingProperty}` : `/${e.params.additionalProperty}`;

const faultOf = (e: ErrorObject, part: Part): Fault => {
  const deeper = e.keyword === "required" || e.keyword === "additionalProperties" ? propertyOf(e) : "";
  const message = messages[e.keyword]?.(e) ?? `Not valid: ${e.message ?? e.keyword}.`;
  return { path: `${PLACES[part]}${e.instancePath}${deeper}`, message };
};

/** A union that nothing fits is one fault, not one a branch. */
const withoutBranches = (errors: readonly ErrorObject[]): ErrorObject[] => {
  const unions = errors.filter((e) => e.keyword === "anyOf").map((e) => `${e.schemaPath}/`);
  return errors.filter((e) => !unions.some((u) => e.schemaPath.startsWith(u)));
};

const options = {
  allErrors: true,
  useDefaults: true,
  verbose: true,
  strict: false,
  meta: false,
  validateSchema: false,
} as const;

/** Checks a value, fills in defaults, and gives what is wrong with it, or undefined. */
export type Check = (value: unknown) => RequestInvalid | undefined;

/**
 * Compiles schemas into checks. What comes as text (path, query, forms) is read as the numbers and booleans
 * that its schema names; JSON is not, because there "1" is no number. A schema is compiled when it is first used,
 * so that a start does not wait for calls that nobody makes.
 */
export const createChecks = (): ((schema: TSchema, part: Part, asText?: boolean) => Check) => {
  const json = new Ajv(options);
  const text = new Ajv({ ...options, coerceTypes: true });
  return (schema, part, asText = part !== "body") => {
    const ajv = asText ? text : json;
    let validate: ValidateFunction | undefined;
    return (value) => {
      validate ??= ajv.compile(schema);
      if (validate(value)) return undefined;
      const errors = withoutBranches(validate.errors ?? []).slice(0, MAX_FAULTS);
      return new RequestInvalid(errors.map((e) => faultOf(e, part)));
    };
  };
};
export type Checks = ReturnType<typeof createChecks>;
