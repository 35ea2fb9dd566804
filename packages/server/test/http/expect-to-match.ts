import { errorTable, Failure, type Route } from "@hitagi/contract";
import build from "fast-json-stringify";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { expect } from "vitest";

const writers = new WeakMap<TSchema, (value: unknown) => string>();

/** Serializing by a schema drops unknown fields, so an unchanged value has no other fields. */
const writtenBy = (schema: TSchema, value: unknown): unknown => {
  const write = writers.get(schema) ?? build(schema);
  writers.set(schema, write);
  return JSON.parse(write(value));
};

const expectSchema = (schema: TSchema, value: unknown, name: string): void => {
  expect(Value.Errors(schema, value), `${name}: ${JSON.stringify(value).slice(0, 500)}`).toEqual([]);
  expect(writtenBy(schema, value), `${name} holds more than its schema`).toEqual(value);
};

/**
 * Fails unless a response matches the contract's schema exactly, without missing or additional fields. A failure
 * must have a code of the error table, with that code's status.
 */
export const expectToMatch = (route: Route, status: number, body: unknown): void => {
  const whole = status === 200 || (route.operation === "health" && status === 503);
  expectSchema(whole ? route.response : Failure, body, `${route.operation} ${status}`);
  if (whole) return;
  const { code, hint, error, operation, success } = body as Record<string, unknown>;
  expect(Object.keys(errorTable)).toContain(code);
  expect(errorTable[code as keyof typeof errorTable][0]).toBe(status);
  expect({ hint: typeof hint, error: typeof error, success, operation }).toEqual({
    hint: "string",
    error: "string",
    success: 0,
    operation: route.operation,
  });
};
