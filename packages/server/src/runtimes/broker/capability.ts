import { HitagiError } from "@hitagi/contract";
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { CallScope, Session } from "../types.ts";
import type { Permission } from "./permission.ts";
import type { Pace } from "./throttle.ts";

/** The call of a plugin in which it asks. */
export interface Call {
  scope: CallScope;
  signal: AbortSignal;
  /** The session of the plugin's login; asked for at most once a call. */
  session: () => Promise<Session | undefined>;
}

/** One row of the capability table, ready to be asked. */
export interface Capability {
  readonly name: string;
  readonly pace: Pace;
  /** @throws HitagiError CAPABILITY_DENIED, CAPABILITY_INVALID, or what the row's function throws */
  answer(args: unknown, call: Call): Promise<unknown>;
}

interface Row<S extends TSchema, Given> {
  name: string;
  permission: Permission<Given>;
  args: S;
  pace: Pace;
  run(args: Static<S>, given: Given, call: Call): Promise<unknown>;
}

/** A row: its permission is checked first, then its arguments against the compiled schema; only then it runs. */
export const capability = <S extends TSchema, Given>(row: Row<S, Given>): Capability => {
  const schema = Compile(row.args);
  const checked = (args: unknown): Static<S> => {
    if (schema.Check(args)) return args as Static<S>;
    const [fault] = schema.Errors(args);
    const reason = fault ? `${fault.instancePath || "arguments"} ${fault.message}` : "wrong arguments";
    throw new HitagiError("CAPABILITY_INVALID", { capability: row.name, reason });
  };
  return {
    name: row.name,
    pace: row.pace,
    answer: async (args, call) => {
      const given = row.permission(call.scope);
      return row.run(checked(args), given, call);
    },
  };
};
