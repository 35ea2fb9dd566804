import { MAX_JSON_DEPTH, shapeOfJson } from "../../json-shape.ts";
import { errorMessage } from "./error-message.ts";

const { stringify } = JSON;
const encoder = new TextEncoder();

const MAX_BYTES = 4 * 1024 * 1024;

/** A plugin's value as JSON text; `what` names it in errors. @throws Error for the plugin's author */
export const toJson = (value: unknown, what: string): string => {
  const text = write(value, what);
  if (text === undefined) throw new Error(`${what} is ${typeof value}, which JSON does not have`);
  const bytes = text.length > MAX_JSON_DEPTH ? encoder.encode(text) : undefined;
  if (bytes && bytes.length > MAX_BYTES) {
    throw new Error(`${what} has ${bytes.length} bytes of JSON, the limit is ${MAX_BYTES}`);
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
    // V8's message about a cycle has several lines.
    throw new Error(`${what} cannot be written as JSON: ${errorMessage(e).split("\n", 1)[0]}`);
  }
};
