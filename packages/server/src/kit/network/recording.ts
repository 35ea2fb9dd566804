import { HitagiError } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { readBelow, writeBelow } from "../../disk/files-below.ts";
import type { FileBelow } from "../files.ts";

/** A body as it is kept: JSON as its value, text as text, all else as base64. */
const Body = Type.Union([
  Type.Object({ json: Type.Unknown() }),
  Type.Object({ text: Type.String() }),
  Type.Object({ base64: Type.String() }),
]);

/** One request and its answer. */
export const Exchange = Type.Object({
  method: Type.String(),
  url: Type.String(),
  /** Absent if the request had none. */
  sent: Type.Optional(Body),
  status: Type.Integer({ minimum: 200, maximum: 599 }),
  headers: Type.Record(Type.String(), Type.String()),
  /** Absent if the answer had none. */
  body: Type.Optional(Body),
});
export type Exchange = Static<typeof Exchange>;

/** What a run was given by its user, beside an archive and settings. */
const RunInput = Type.Object({ arg: Type.Optional(Type.String()), url: Type.Optional(Type.String()) });
export type RunInput = Static<typeof RunInput>;

const RecordingFile = Type.Object({
  version: Type.Literal(1),
  /** Of runs that ended well with these answers. */
  inputs: Type.Optional(Type.Array(RunInput)),
  exchanges: Type.Array(Exchange),
});
const compiled = Compile(RecordingFile);

/** The requests of a plugin with their answers, in the order in which they were made. */
export interface Recording {
  /** The next answer to this request; the last one again when all were given. */
  find(request: Pick<Exchange, "method" | "url" | "sent">): Exchange | undefined;
  add(exchange: Exchange): void;
  /** Begins anew: the first answers come first again. */
  rewind(): void;
  exchanges(): readonly Exchange[];
  /** Notes what a run was given that these answers are for. At most 20 are kept, the latest. */
  addInput(input: RunInput): void;
  inputs(): readonly RunInput[];
  /** Whether exchanges or inputs were added since it was read or written. */
  isChanged(): boolean;
  /** Writes it, if it changed. @throws LinkBelowError; HitagiError DISK_FULL, STORE_FAILED */
  save(): Promise<void>;
}

/** An answer without a sent body is for every body. */
const isFor = (answer: Exchange, { method, url, sent }: Pick<Exchange, "method" | "url" | "sent">): boolean =>
  answer.method === method &&
  answer.url === url &&
  (answer.sent === undefined || JSON.stringify(answer.sent) === JSON.stringify(sent));

const keyOf = ({ method, url, sent }: Pick<Exchange, "method" | "url" | "sent">): string =>
  JSON.stringify([method, url, sent ?? null]);

const MOST_INPUTS = 20;

interface RecordingOptions {
  /** In memory only without it. */
  place?: FileBelow;
  inputs?: readonly RunInput[];
}

export const createRecording = (
  first: readonly Exchange[] = [],
  { place, inputs: known = [] }: RecordingOptions = {},
): Recording => {
  let all = [...first];
  let inputs = [...known];
  const given = new Map<string, number>();
  // New answers to a request replace its old ones.
  const renewed = new Set<string>();
  let changed = false;
  return {
    find: (request) => {
      const key = keyOf(request);
      const answers = all.filter((exchange) => isFor(exchange, request));
      const at = given.get(key) ?? 0;
      given.set(key, at + 1);
      return answers[Math.min(at, answers.length - 1)];
    },
    add: (exchange) => {
      const key = keyOf(exchange);
      if (!renewed.has(key)) all = all.filter((one) => keyOf(one) !== key);
      renewed.add(key);
      all.push(exchange);
      changed = true;
    },
    rewind: () => {
      given.clear();
      renewed.clear();
    },
    exchanges: () => all,
    addInput: ({ arg, url }) => {
      const input = { ...(arg !== undefined && { arg }), ...(url !== undefined && { url }) };
      const isKnown = inputs.some((one) => one.arg === arg && one.url === url);
      if (isKnown || Object.keys(input).length === 0) return;
      inputs = [...inputs, input].slice(-MOST_INPUTS);
      changed = true;
    },
    inputs: () => inputs,
    isChanged: () => changed,
    save: async () => {
      if (!changed || place === undefined) return;
      const kept = { version: 1, ...(inputs.length > 0 && { inputs }), exchanges: all };
      await writeBelow(place.folder, place.name, `${JSON.stringify(kept, null, 2)}\n`);
      changed = false;
    },
  };
};

/** @throws HitagiError VALIDATION_FAILED for a file that is no recording; LinkBelowError; the file system's error */
export const readRecording = async (place: FileBelow): Promise<Recording> => {
  const text = await readBelow(place.folder, place.name);
  if (text === undefined) return createRecording([], { place });
  const value: unknown = parsed(text);
  if (compiled.Check(value)) return createRecording(value.exchanges, { place, inputs: value.inputs ?? [] });
  const [fault] = compiled.Errors(value);
  throw new HitagiError("VALIDATION_FAILED", {
    reason: `${place.name} is no recording (${fault?.instancePath || "/"} ${fault?.message ?? "is wrong"}). Remove it, and run the plugin again to record it anew`,
  });
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Bytes as they are kept. @param type the Content-Type */
export const keptBody = (bytes: Buffer, type: string): Exchange["body"] => {
  if (bytes.length === 0) return undefined;
  const text = bytes.toString("utf8");
  if (!Buffer.from(text).equals(bytes)) return { base64: bytes.toString("base64") };
  if (/[/+]json\b/i.test(type)) {
    const json = parsed(text);
    // A number that JavaScript cannot hold would change.
    if (json !== undefined && !/\d{16}/.test(text)) return { json };
  }
  return { text };
};

export const bytesOf = (body: Exchange["body"]): Buffer => {
  if (body === undefined) return Buffer.alloc(0);
  if ("text" in body) return Buffer.from(body.text);
  return "base64" in body ? Buffer.from(body.base64, "base64") : Buffer.from(JSON.stringify(body.json));
};
