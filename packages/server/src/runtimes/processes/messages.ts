import { type Static, type TSchema, Type } from "typebox";
import { Compile } from "typebox/compile";
import type { Frame } from "../frames.ts";
import type { CallContext, EntryPoint } from "../types.ts";

/** What the host says to the harness. */
export type ToHarness =
  | { t: "load"; filename: string; source: string }
  | { t: "call"; id: number; entry: EntryPoint; context: CallContext }
  | { t: "answer"; id: number; value: unknown }
  | { t: "refusal"; id: number; code: string; message: string }
  | { t: "cancel"; id: number };

const message = <T extends string, P extends Record<string, TSchema>>(t: T, fields: P) =>
  Type.Object({ t: Type.Literal(t), ...fields }, { additionalProperties: false });

const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Reason = Type.String({ maxLength: 16_384 });

/** What a harness may say to the host; the harness shares its process with the plugin, so all of it is hostile. */
const fromHarness = {
  ready: message("ready", {}),
  loaded: message("loaded", { manifest: Type.Unknown() }),
  unloadable: message("unloadable", { reason: Reason }),
  result: message("result", { id: Id, value: Type.Unknown() }),
  /** `code`: of the refusal that the plugin let through, where that is what ended the call. */
  failure: message("failure", {
    id: Id,
    reason: Reason,
    stack: Type.Optional(Reason),
    code: Type.Optional(Type.String({ maxLength: 64 })),
  }),
  ask: message("ask", {
    id: Id,
    call: Id,
    capability: Type.String({ minLength: 1, maxLength: 64 }),
    args: Type.Unknown(),
  }),
  /** The plugin no longer waits for an ask's answer. */
  drop: message("drop", { id: Id }),
  /** An ask without an answer; `call` 0 is said outside of every call. */
  note: message("note", {
    call: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    capability: Type.Enum(["log", "progress"]),
    args: Type.Unknown(),
  }),
};

type Kinds = typeof fromHarness;
export type FromHarness = { [T in keyof Kinds]: Static<Kinds[T]> }[keyof Kinds];
export type Ask = Static<Kinds["ask"]>;
export type Note = Static<Kinds["note"]>;

const checks = new Map(Object.entries(fromHarness).map(([t, schema]) => [t, Compile(schema)]));

/** The frame as a message, or undefined where it is none. */
export const readMessage = (frame: Frame): FromHarness | undefined => {
  const check = typeof frame.t === "string" ? checks.get(frame.t) : undefined;
  return check?.Check(frame) ? (frame as FromHarness) : undefined;
};
