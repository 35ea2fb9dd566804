import { PassThrough, type Readable } from "node:stream";
import type { MultipartFile } from "@fastify/multipart";
import { HitagiError } from "@hitagi/contract";
import type { FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import { type Checks, RequestInvalid } from "./validation.ts";

export interface Form<S extends TSchema, T> {
  /** The schema of the fields beside the file. */
  fields: S;
  maxBytes: number;
  /** Takes the file as it streams. `fields` is complete and checked when the stream has ended, and not before. */
  take: (file: { filename: string; stream: Readable }, fields: Static<S>) => Promise<T>;
}

/** A file that is being taken; its stream ends, or fails, when the whole form is known. */
interface Taking<T> {
  outcome: Promise<{ value: T } | { error: unknown }>;
  finish: (error?: unknown) => void;
}

/** Fields of a form without a file: every setting of some hundred plugins. */
const MAX_FIELDS = 10_000;

/** What the parser throws of a form that is none has no code; a connection that broke off has the system's. */
const formError = (thrown: unknown): unknown =>
  thrown instanceof Error && !(thrown instanceof HitagiError) && !("code" in thrown)
    ? new RequestInvalid([{ path: "/body", message: "Not a valid multipart form." }])
    : thrown;

const asError = (e: unknown): Error => (e instanceof Error ? e : new Error(String(e)));

/** The part's bytes in a stream of their own that does not end with them. Refusing it early stops nothing. */
const gateOf = (part: MultipartFile, maxBytes: number): PassThrough => {
  const gate = new PassThrough();
  const tooLarge = () => gate.destroy(new HitagiError("PAYLOAD_TOO_LARGE", { limit: maxBytes }));
  gate.on("error", () => undefined);
  part.file.once("limit", tooLarge).once("error", (e) => gate.destroy(e));
  part.file.pipe(gate, { end: false });
  // After `pipe`, whose own listener pauses the file when the gate closes.
  gate.once("close", () => part.file.resume());
  // A small form is parsed whole before its first part is handed out.
  if (part.file.truncated) tooLarge();
  return gate;
};

const begin = <S extends TSchema, T>(
  part: MultipartFile,
  form: Form<S, T>,
  fields: Record<string, unknown>,
): Taking<T> => {
  const gate = gateOf(part, form.maxBytes);
  const outcome = form.take({ filename: part.filename, stream: gate }, fields as Static<S>).then(
    (value) => ({ value }),
    (error: unknown) => {
      gate.destroy();
      return { error };
    },
  );
  return { outcome, finish: (error) => (error ? gate.destroy(asError(error)) : gate.end()) };
};

/** Ends a request whose body stands still for so long. Answers what to call when bytes arrive, and at the end. */
const stallWatch = (request: FastifyRequest, ms: number) => {
  const timer = setTimeout(() => request.raw.destroy(), ms);
  return { moved: () => timer.refresh(), end: () => clearTimeout(timer) };
};

/** Reads all parts in turn. The stream of the file is left open. */
const readParts = async <S extends TSchema, T>(request: FastifyRequest, form: Form<S, T>, idleMs: number) => {
  const fields: Record<string, unknown> = {};
  const watch = stallWatch(request, idleMs);
  let taking: Taking<T> | undefined;
  try {
    for await (const part of request.parts({ limits: { fileSize: form.maxBytes } })) {
      watch.moved();
      if (part.type === "field") {
        fields[part.fieldname] = part.value;
        continue;
      }
      part.file.on("data", watch.moved);
      if (part.fieldname === "file") taking = begin(part, form, fields);
      else part.file.resume();
    }
    return { fields, taking };
  } catch (thrown) {
    const e = formError(thrown);
    taking?.finish(e);
    await taking?.outcome;
    throw e;
  } finally {
    watch.end();
  }
};

/** A multipart form's fields, whose files are passed over; of a field given twice, both. */
const readFields = async (request: FastifyRequest, idleMs: number): Promise<Record<string, string[]>> => {
  const fields = new Map<string, string[]>();
  const watch = stallWatch(request, idleMs);
  try {
    for await (const part of request.parts({ limits: { fields: MAX_FIELDS, parts: MAX_FIELDS } })) {
      watch.moved();
      if (part.type === "file") part.file.resume();
      else fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), String(part.value)]);
    }
    return Object.fromEntries(fields);
  } catch (e) {
    throw formError(e);
  } finally {
    watch.end();
  }
};

/**
 * Makes the reader of multipart forms with one file. A form's fields may come before the file or after it (clients do
 * both), so the end of the file is withheld until every field is read and found right: until then nothing is accepted.
 * @param idleMs how long an upload may stand still
 */
export const createFormReader =
  (checks: Checks, idleMs: number) =>
  /** @throws RequestInvalid, HitagiError PAYLOAD_TOO_LARGE, or what `take` throws */
  async <S extends TSchema, T>(request: FastifyRequest, form: Form<S, T>): Promise<T> => {
    const { fields, taking } = await readParts(request, form, idleMs);
    if (!taking) throw new RequestInvalid([{ path: "/body/file", message: "Missing property." }]);
    const invalid = checks(form.fields, "body", true)(fields);
    taking.finish(invalid);
    const outcome = await taking.outcome;
    if (invalid) throw invalid;
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  };

/**
 * Makes the reader of forms of fields alone, urlencoded or multipart. Of a field given twice, both values are read.
 * @throws RequestInvalid
 */
export const createFieldsReader =
  (checks: Checks, idleMs: number) =>
  async <S extends TSchema>(request: FastifyRequest, schema: S): Promise<Static<S>> => {
    const fields = request.isMultipart() ? await readFields(request, idleMs) : request.body;
    const invalid = checks(schema, "body", false)(fields);
    if (invalid) throw invalid;
    return fields as Static<S>;
  };
export type ReadFields = ReturnType<typeof createFieldsReader>;
export type ReadForm = ReturnType<typeof createFormReader>;
