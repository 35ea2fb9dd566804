import { createHash } from "node:crypto";
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
  /** Takes the file as it streams, with the fields that came before it. */
  take: (file: { filename: string; stream: Readable }, before: Record<string, unknown>) => Promise<T>;
  /** Called when all is read and before the file's stream ends; what it throws makes `take` fail. */
  check?: (fields: Static<S>, sha1: string) => void;
}

/** A file that is being taken; its stream ends, or fails, when the whole form is known. */
interface Taking<T> {
  outcome: Promise<{ value: T } | { error: unknown }>;
  sha1: () => string;
  finish: (error?: unknown) => void;
}

const asError = (e: unknown): Error => (e instanceof Error ? e : new Error(String(e)));

/** The part's bytes in a stream of their own that does not end with them. Refusing it early stops nothing. */
const gateOf = (part: MultipartFile, maxBytes: number): PassThrough => {
  const gate = new PassThrough();
  gate.on("error", () => undefined).once("close", () => part.file.resume());
  part.file.once("limit", () => gate.destroy(new HitagiError("PAYLOAD_TOO_LARGE", { limit: maxBytes })));
  part.file.once("error", (e) => gate.destroy(e));
  part.file.pipe(gate, { end: false });
  return gate;
};

const begin = <S extends TSchema, T>(
  part: MultipartFile,
  form: Form<S, T>,
  before: Record<string, unknown>,
): Taking<T> => {
  const hash = createHash("sha1");
  part.file.on("data", (chunk: Buffer) => hash.update(chunk));
  const gate = gateOf(part, form.maxBytes);
  const outcome = form.take({ filename: part.filename, stream: gate }, before).then(
    (value) => ({ value }),
    (error: unknown) => {
      gate.destroy();
      return { error };
    },
  );
  const finish = (error?: unknown) => (error ? gate.destroy(asError(error)) : gate.end());
  return { outcome, sha1: () => hash.digest("hex"), finish };
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
      if (part.type === "field") fields[part.fieldname] = part.value;
      else if (part.fieldname === "file") taking = begin(part, form, { ...fields });
      else part.file.resume();
      if (part.type === "file") part.file.on("data", watch.moved);
    }
    return { fields, taking };
  } catch (e) {
    taking?.finish(e);
    await taking?.outcome;
    throw e;
  } finally {
    watch.end();
  }
};

/** What is wrong with the form as a whole, or undefined. */
const faultOf = <S extends TSchema>(
  form: Form<S, unknown>,
  checks: Checks,
  fields: Static<S>,
  sha1: string,
): unknown => {
  try {
    const invalid = checks(form.fields, "body", true)(fields);
    if (!invalid) form.check?.(fields, sha1);
    return invalid;
  } catch (e) {
    return e;
  }
};

/**
 * Makes the reader of multipart forms with one file. A form's fields may come before the file or after it (clients do
 * both), so the end of the file is withheld until every field is read and found right: until then nothing is accepted.
 * @param idleMs how long an upload may stand still
 */
export const createFormReader =
  (checks: Checks, idleMs: number) =>
  /** @throws RequestInvalid, HitagiError PAYLOAD_TOO_LARGE, or what `take` and `check` throw */
  async <S extends TSchema, T>(
    request: FastifyRequest,
    form: Form<S, T>,
  ): Promise<{ value: T; fields: Static<S> }> => {
    const { fields, taking } = await readParts(request, form, idleMs);
    if (!taking) throw new RequestInvalid([{ path: "/body/file", message: "Missing property." }]);
    const fault = faultOf(form, checks, fields as Static<S>, taking.sha1());
    taking.finish(fault);
    const outcome = await taking.outcome;
    if (fault !== undefined) throw fault;
    if ("error" in outcome) throw outcome.error;
    return { value: outcome.value, fields: fields as Static<S> };
  };
export type ReadForm = ReturnType<typeof createFormReader>;
