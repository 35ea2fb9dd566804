import { MAX_JSON_DEPTH, shapeOfJson } from "../../json-shape.ts";
import { describe } from "./describe.ts";

const { stringify } = JSON;
const encoder = new TextEncoder();

const MAX_RESULT_BYTES = 4 * 1024 * 1024;

/**
 * A value of the plugin's as JSON text.
 * @param what what the value is, to begin an error with: `the result`
 * @throws Error that says in words why it is none
 */
export const toJson = (value: unknown, what: string): string => {
  const text = write(value, what);
  if (text === undefined) throw new Error(`${what} is ${typeof value}, which JSON does not have`);
  const bytes = text.length > MAX_JSON_DEPTH ? encoder.encode(text) : undefined;
  if (bytes && bytes.length > MAX_RESULT_BYTES) {
    throw new Error(`${what} has ${bytes.length} bytes of JSON, the limit is ${MAX_RESULT_BYTES}`);
  }
  const fault = bytes && shapeOfJson(bytes).fault;
  if (fault !== undefined) throw new Error(`${what} ${fault}`);
  return text;
};

const write = (value: unknown, what: string): string | undefined => {
  try {
    return stringify(value);
  } catch (e) {
    if (e instanceof RangeError) throw new Error(`${what} is nested too deeply or too large`);
    // V8's message on a cycle goes on to draw it over several lines.
    throw new Error(`${what} cannot be written as JSON: ${describe(e).split("\n", 1)[0]}`);
  }
};
