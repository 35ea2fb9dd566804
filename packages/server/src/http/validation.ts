import { cleanTexts, isClean } from "@hitagi/contract";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { TSchema } from "typebox";

export interface ValidationIssue {
  /** `/body/<field>`, `/path/<name>` or `/query/<name>`, as LANraragi's clients read it. */
  path: string;
  message: string;
}

/** An invalid request, with all issues. */
export class ValidationError extends Error {
  readonly issues: readonly ValidationIssue[];
  constructor(issues: readonly ValidationIssue[]) {
    super(issues.map((f) => `${f.path}: ${f.message}`).join("; "));
    this.name = "ValidationError";
    this.issues = issues;
  }
}

const PATHS = { body: "/body", params: "/path", querystring: "/query" } as const;
export type Part = keyof typeof PATHS;

const MAX_ISSUES = 100;

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

/** The message of each schema keyword, in the words that LANraragi's clients know. */
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

/** The property that an error of the parent object is about. */
const propertyOf = (e: ErrorObject): string =>
  e.keyword === "required" ? `/${e.params.missingProperty}` : `/${e.params.additionalProperty}`;

const issueOf = (e: ErrorObject, part: Part): ValidationIssue => {
  const deeper = e.keyword === "required" || e.keyword === "additionalProperties" ? propertyOf(e) : "";
  const message = messages[e.keyword]?.(e) ?? `Not valid: ${e.message ?? e.keyword}.`;
  return { path: `${PATHS[part]}${e.instancePath}${deeper}`, message };
};

/** A union without a matching branch is one issue, not one for each branch. */
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

/** Validates a value, fills in defaults and cleans its texts, in place. @returns the error, or undefined for a valid value */
export type Check = (value: unknown) => ValidationError | undefined;

/** Makes checks, compiled at first use. Path, query and form texts are converted to numbers and booleans. */
export const createChecks = (): ((schema: TSchema, part: Part, asText?: boolean) => Check) => {
  const json = new Ajv(options);
  const text = new Ajv({ ...options, coerceTypes: true });
  return (schema, part, asText = part !== "body") => {
    const ajv = asText ? text : json;
    let validate: ValidateFunction | undefined;
    return (value) => {
      validate ??= ajv.compile(schema);
      // Cleaned once it is valid, and checked again: a text that loses characters may be too short.
      if (validate(value) && (isClean(value) || validate(cleanTexts(value)))) return undefined;
      const errors = withoutBranches(validate.errors ?? []).slice(0, MAX_ISSUES);
      return new ValidationError(errors.map((e) => issueOf(e, part)));
    };
  };
};
export type Checks = ReturnType<typeof createChecks>;
