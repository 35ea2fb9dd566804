import { type Static, type TSchema, Type } from "typebox";
import { lazySchema } from "../../lazy-schema.ts";
import type { Frame } from "../frames.ts";
import type { CallContext, EntryPoint } from "../types.ts";

/** A package of another plugin: its path for perl's require, and its file. */
export interface ModuleSource {
  file: string;
  filename: string;
  source: string;
}

/** Messages from the host to the harness. `response` and `error` answer a host request. */
export type ToHarness =
  | { t: "load"; filename: string; source: string; modules?: readonly ModuleSource[] }
  | { t: "call"; id: number; entry: EntryPoint; context: CallContext }
  | { t: "response"; id: number; value: unknown }
  | { t: "error"; id: number; code: string; message: string }
  | { t: "cancel"; id: number }
  | { t: "ping" };

const message = <T extends string, P extends Record<string, TSchema>>(t: T, fields: P) =>
  Type.Object({ t: Type.Literal(t), ...fields }, { additionalProperties: false });

const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Reason = Type.String({ maxLength: 16_384 });

/** Messages from the harness to the host. The plugin shares the harness's process, so all of them are hostile. */
const fromHarness = {
  ready: message("ready", {}),
  loaded: message("loaded", { manifest: Type.Unknown() }),
  loadFailed: message("loadFailed", { reason: Reason }),
  result: message("result", { id: Id, value: Type.Unknown() }),
  /** `code` is that of the host's error, if the call failed with one. */
  failure: message("failure", {
    id: Id,
    reason: Reason,
    stack: Type.Optional(Reason),
    code: Type.Optional(Type.String({ maxLength: 64 })),
  }),
  request: message("request", {
    id: Id,
    call: Id,
    capability: Type.String({ minLength: 1, maxLength: 64 }),
    args: Type.Unknown(),
  }),
  /** Answers a ping. */
  pong: message("pong", {}),
  /** The plugin no longer waits for the response to a request. */
  abort: message("abort", { id: Id }),
  /** A request without a response; `call` is 0 outside of every call. */
  notification: message("notification", {
    call: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    capability: Type.Enum(["log", "progress"]),
    args: Type.Unknown(),
  }),
};

type Kinds = typeof fromHarness;
export type FromHarness = { [T in keyof Kinds]: Static<Kinds[T]> }[keyof Kinds];
export type HostRequest = Static<Kinds["request"]>;
export type Notification = Static<Kinds["notification"]>;

const checks = new Map(Object.entries(fromHarness).map(([t, schema]) => [t, lazySchema(schema)]));

/** The frame as a message; undefined if it matches no schema. */
export const readMessage = (frame: Frame): FromHarness | undefined => {
  const check = typeof frame.t === "string" ? checks.get(frame.t) : undefined;
  return check?.().Check(frame) ? (frame as FromHarness) : undefined;
};
