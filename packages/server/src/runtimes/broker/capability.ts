import { HitagiError, libraryRights } from "@hitagi/contract";
import { type Static, type TProperties, type TSchema, Type } from "typebox";
import { lazySchema } from "../../lazy-schema.ts";
import type { ArchiveRecord } from "../../store/types.ts";
import type { CallScope, DownloadQueue, LoginSession } from "../types.ts";
import type { ThrottleLimits } from "./throttle.ts";

/** The plugin's call that a host request belongs to. */
export interface CapabilityContext {
  scope: CallScope;
  signal: AbortSignal;
  /** The session of the plugin's login; opened at most once a call. */
  session: () => Promise<LoginSession | undefined>;
  /** All archives as they were when the call first asked, or last asked with `again`. */
  archives: (again: boolean) => Promise<readonly ArchiveRecord[]>;
}

/** The arguments of a capability: an object without other properties. */
export const argsOf = <P extends TProperties>(fields: P) =>
  Type.Object(fields, { additionalProperties: false });
export const NoArgs = argsOf({});
/** The id of an archive. */
export const Id = Type.String({ pattern: "^[0-9a-f]{40}$" });

export interface Capability {
  readonly name: string;
  readonly limits: ThrottleLimits;
  /** @throws HitagiError CAPABILITY_DENIED, CAPABILITY_INVALID, or an error of the row's function */
  invoke(args: unknown, context: CapabilityContext): Promise<unknown>;
}

/** Answers what a call may use a capability on. @throws HitagiError CAPABILITY_DENIED */
type Permission<Target> = (scope: CallScope) => Target;

interface Row<S extends TSchema, Target> {
  name: string;
  permission: Permission<Target>;
  args: S;
  limits: ThrottleLimits;
  run(args: Static<S>, target: Target, context: CapabilityContext): Promise<unknown>;
}

/** A row that checks its permission first, then its arguments against the compiled schema, and then runs. */
export const capability = <S extends TSchema, Target>(row: Row<S, Target>): Capability => {
  const schema = lazySchema(row.args);
  const checked = (args: unknown): Static<S> => {
    if (schema().Check(args)) return args as Static<S>;
    const [error] = schema().Errors(args);
    const reason = error ? `${error.instancePath || "arguments"} ${error.message}` : "wrong arguments";
    throw new HitagiError("CAPABILITY_INVALID", { capability: row.name, reason });
  };
  return {
    name: row.name,
    limits: row.limits,
    invoke: async (args, context) => {
      const target = row.permission(context.scope);
      return row.run(checked(args), target, context);
    },
  };
};

/** The refusal of a permission. */
export const denied = (action: string, reason: string) =>
  new HitagiError("CAPABILITY_DENIED", { action, reason });

/** Open to every plugin: it affects only the plugin's own call, log and cache. */
export const everyPlugin: Permission<void> = () => {};

/** Only the archive that the plugin was called on. */
export const ownArchive: Permission<string> = ({ archive }) => {
  if (archive === undefined) throw denied("read an archive", "it was not called on one");
  return archive;
};

/** `library: "read"`, which `"write"` includes. */
export const libraryRead: Permission<void> = ({ granted }) => {
  if (!libraryRights(granted.library).includes("read"))
    throw denied("read the library", "library read is not granted");
};

export const libraryWrite: Permission<void> = ({ granted }) => {
  if (!libraryRights(granted.library).includes("write"))
    throw denied("change the library", "library write is not granted");
};

/** `library: "add"`, for scripts. Each address is checked against the grants. */
export const libraryAdd: Permission<DownloadQueue> = ({ granted, downloads }) => {
  if (!libraryRights(granted.library).includes("add"))
    throw denied("add to the library", "library add is not granted");
  if (!downloads) throw denied("add to the library", "only scripts can");
  return downloads;
};

/** `files`: the granted paths. Each use is checked against them. */
export const grantedFiles: Permission<readonly string[]> = ({ granted }) => {
  if (!granted.files?.length)
    throw denied("read files", "none is granted; its owner grants them with `hitagi grant <plugin> --read`");
  return granted.files;
};

/** `net`: the granted hosts. Each hop of a request is checked against them. */
export const network: Permission<readonly string[]> = ({ granted }) => {
  if (!granted.net?.length) throw denied("use the network", "no host is granted");
  return granted.net;
};

/** The session itself: only for a plugin that makes its requests itself, from which no sandbox could keep it. */
export const directNetwork: Permission<void> = (scope) => {
  if (!scope.directNetwork) throw denied("read its session", "the server adds it to the plugin's requests");
};
