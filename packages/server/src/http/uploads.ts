import { PassThrough, type Readable } from "node:stream";
import type { MultipartFile } from "@fastify/multipart";
import { HitagiError } from "@hitagi/contract";
import type { FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import { surviveErrors } from "../async/stream-errors.ts";
import { type Checks, ValidationError } from "./validation.ts";

/** A multipart form with one file. */
export interface Form<S extends TSchema, T> {
  /** The schema of the fields beside the file. */
  fields: S;
  maxBytes: number;
  /** Receives the file as a stream, with its name as it was sent. `fields` is complete and valid only after the stream has ended. */
  onFile: (file: { filename: string; stream: Readable }, fields: Static<S>) => Promise<T>;
}

/** A file in transfer. Its stream ends, or fails, when the whole form has been read. */
interface FileTransfer<T> {
  outcome: Promise<{ value: T } | { error: unknown }>;
  finish: (error?: unknown) => void;
}

/** The most fields of a form without a file: every setting of some hundred plugins. */
const MAX_FIELDS = 10_000;

/** The parser's error for an invalid form has no code; that of a broken connection has the system's. */
const formError = (thrown: unknown): unknown =>
  thrown instanceof Error && !(thrown instanceof HitagiError) && !("code" in thrown)
    ? new ValidationError([{ path: "/body", message: "Not a valid multipart form." }])
    : thrown;

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** A stream of the part's bytes that stays open after them. Destroying it early does not stop the form. */
const openStream = (part: MultipartFile, maxBytes: number): PassThrough => {
  const stream = surviveErrors(new PassThrough());
  const tooLarge = () => stream.destroy(new HitagiError("PAYLOAD_TOO_LARGE", { limit: maxBytes }));
  part.file.once("limit", tooLarge).once("error", (e) => stream.destroy(e));
  part.file.pipe(stream, { end: false });
  // After `pipe`: its own listener pauses the file when the stream closes.
  stream.once("close", () => part.file.resume());
  // The parser reads a small form as a whole before it emits the first part.
  if (part.file.truncated) tooLarge();
  return stream;
};

/** The name of a form's file. Clients write its quotes and line ends percent-encoded (Fetch Standard, multipart/form-data). */
const filenameIn = ({ filename }: MultipartFile): string =>
  filename.replace(/%(?:22|0A|0D)/gi, decodeURIComponent);

const startTransfer = <S extends TSchema, T>(
  part: MultipartFile,
  form: Form<S, T>,
  fields: Record<string, unknown>,
): FileTransfer<T> => {
  const stream = openStream(part, form.maxBytes);
  const outcome = form.onFile({ filename: filenameIn(part), stream }, fields as Static<S>).then(
    (value) => ({ value }),
    (error: unknown) => {
      stream.destroy();
      return { error };
    },
  );
  return { outcome, finish: (error) => (error ? stream.destroy(asError(error)) : stream.end()) };
};

/** Destroys a request whose body stalls for so long. Call `progress` when bytes arrive, and `end` at the end. */
const watchStall = (request: FastifyRequest, ms: number) => {
  const timer = setTimeout(() => request.raw.destroy(), ms);
  return { progress: () => timer.refresh(), end: () => clearTimeout(timer) };
};

/** Reads all parts in order. The stream of the file stays open. */
const readParts = async <S extends TSchema, T>(request: FastifyRequest, form: Form<S, T>, idleMs: number) => {
  const fields: Record<string, unknown> = {};
  const watch = watchStall(request, idleMs);
  let transfer: FileTransfer<T> | undefined;
  try {
    for await (const part of request.parts({ preservePath: true, limits: { fileSize: form.maxBytes } })) {
      watch.progress();
      if (part.type === "field") {
        fields[part.fieldname] = part.value;
        continue;
      }
      part.file.on("data", watch.progress);
      if (part.fieldname === "file") transfer = startTransfer(part, form, fields);
      else part.file.resume();
    }
    return { fields, transfer };
  } catch (thrown) {
    const e = formError(thrown);
    transfer?.finish(e);
    await transfer?.outcome;
    throw e;
  } finally {
    watch.end();
  }
};

/** The fields of a multipart form; a repeated field has all its values, and files are ignored. */
const readFields = async (request: FastifyRequest, idleMs: number): Promise<Record<string, string[]>> => {
  const fields = new Map<string, string[]>();
  const watch = watchStall(request, idleMs);
  try {
    for await (const part of request.parts({ limits: { fields: MAX_FIELDS, parts: MAX_FIELDS } })) {
      watch.progress();
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
 * Makes the reader of multipart forms with one file. Clients send fields before or after the file, so the file's stream
 * ends only when all fields have been read and are valid. Until then nothing is accepted.
 * @param idleMs milliseconds that an upload may stall
 */
export const createFormReader =
  (checks: Checks, idleMs: number) =>
  /** @throws ValidationError, HitagiError PAYLOAD_TOO_LARGE, or what `onFile` throws */
  async <S extends TSchema, T>(request: FastifyRequest, form: Form<S, T>): Promise<T> => {
    const { fields, transfer } = await readParts(request, form, idleMs);
    if (!transfer) throw new ValidationError([{ path: "/body/file", message: "Missing property." }]);
    const invalid = checks(form.fields, "body", true)(fields);
    transfer.finish(invalid);
    const outcome = await transfer.outcome;
    if (invalid) throw invalid;
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  };

type Fields = Record<string, string | string[]>;

/** Of a repeated field the last value, as LANraragi takes it. */
export const lastValues = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value].flat().at(-1) ?? ""]));

/**
 * Makes the reader of forms without a file.
 * @param take what is taken of the fields; by default, a repeated field has all its values
 */
export const createFieldsReader =
  (checks: Checks, idleMs: number, take = (fields: Fields): Fields => fields) =>
  /** @throws ValidationError */
  async <S extends TSchema>(request: FastifyRequest, schema: S): Promise<Static<S>> => {
    const given = request.isMultipart() ? await readFields(request, idleMs) : (request.body as Fields);
    const fields = take(given);
    const invalid = checks(schema, "body", false)(fields);
    if (invalid) throw invalid;
    return fields as Static<S>;
  };
export type ReadFields = ReturnType<typeof createFieldsReader>;
