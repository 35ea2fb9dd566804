import { Grant, NotificationMessage, redact, ShownVersion } from "@hitagi/contract";
import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import type { JobRecord } from "../store/types.ts";

/** One argument of a task. `unset` is what is stored for undefined; a required argument has none. */
interface Field<T> {
  readonly unset: null | false | undefined;
  /** Whether the value may be a secret. */
  readonly isSecret?: true;
  /** Whether it came after LANraragi's arguments, so that it is stored only where it is set. */
  readonly isAdded?: true;
  isValid(value: unknown): value is T;
}

const field =
  (unset: Field<unknown>["unset"]) =>
  <S extends TSchema>(schema: S): Field<Static<S>> => ({
    unset,
    isValid: (value): value is Static<S> => Value.Check(schema, value),
  });
const required = field(undefined);
const optional = <S extends TSchema>(schema: S): Field<Static<S> | undefined> => {
  const { unset, isValid } = field(null)(schema);
  return { unset, isValid: (value): value is Static<S> | undefined => value === undefined || isValid(value) };
};
const orFalse = <S extends TSchema>(schema: S): Field<Static<S> | undefined> => field(false)(schema);

/** Stands for a value that the reader may not see. */
export const HIDDEN = "(hidden)";

type Fields = Record<string, Field<unknown>>;
type ArgsOf<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** How the arguments of one task are stored: as a list, because LANraragi's API shows them so. */
export interface TaskCodec<A> {
  /** The task's name in the API and in the store. */
  readonly name: string;
  encode(args: A): unknown[];
  /** The stored arguments that may be secret. */
  secretsIn(stored: readonly unknown[]): unknown[];
  /** Undefined where the list is not one of this task's. Missing optional arguments get their default. */
  decode(stored: readonly unknown[]): A | undefined;
}

/** @param fields in the order in which they are stored, which is written here only */
const codec = <F extends Fields>(name: string, fields: F): TaskCodec<ArgsOf<F>> => {
  const entries = Object.entries(fields);
  return {
    name,
    encode: (args) => {
      const stored = entries.map(([key, { unset }]) => args[key] ?? unset);
      const end = entries.findLastIndex(([, { isAdded, unset }], n) => !isAdded || stored[n] !== unset);
      return stored.slice(0, end + 1);
    },
    secretsIn: (stored) => stored.filter((_, n) => entries[n]?.[1].isSecret),
    decode: (stored) => {
      const values = entries.map(([, { unset }], n) => stored[n] ?? unset ?? undefined);
      if (!entries.every(([, { isValid }], n) => isValid(values[n]))) return undefined;
      return Object.fromEntries(entries.map(([key], n) => [key, values[n]])) as ArgsOf<F>;
    },
  };
};

const text = Type.String();
const texts = Type.Array(text);
/** A plugin's one-shot argument: it may be a password or a session. */
const oneShot = { ...optional(text), isSecret: true } as const;

/** All tasks with their arguments. The first three names are LANraragi's. */
export const taskCodecs = {
  installPlugin: codec("install_plugin", {
    namespace: required(text),
    registry: required(text),
    version: optional(text),
    force: orFalse(Type.Boolean()),
    grant: orFalse(Grant),
    acceptChanged: { ...orFalse(Type.Boolean()), isAdded: true },
    move: { ...orFalse(Type.Boolean()), isAdded: true },
    acceptUnsigned: { ...orFalse(Type.Boolean()), isAdded: true },
    ignoreRequirements: { ...orFalse(Type.Boolean()), isAdded: true },
    otherRegistries: { ...orFalse(Type.Boolean()), isAdded: true },
    shown: { ...optional(Type.Array(ShownVersion)), isAdded: true },
  }),
  runPlugin: codec("run_plugin", {
    namespace: required(text),
    archive: optional(text),
    arg: oneShot,
  }),
  /** An address may hold a session or a key. */
  downloadUrl: codec("download_url", {
    url: { ...required(text), isSecret: true },
    category: { ...optional(text), isAdded: true },
  }),
  /** All plugins that have an update where no namespaces are named. */
  upgradePlugins: codec("upgrade_plugins", {
    namespaces: optional(texts),
    grant: orFalse(Type.Boolean()),
    /** Whether no person asked for it. */
    automatic: { ...orFalse(Type.Boolean()), isAdded: true },
    shown: { ...optional(Type.Array(ShownVersion)), isAdded: true },
  }),
  refreshRegistries: codec("refresh_registries", {}),
  /** A message to one receiver, by its name. */
  sendNotification: codec("send_notification", {
    receiver: required(text),
    message: required(NotificationMessage),
  }),
  runEnabledPlugins: codec("run_enabled_plugins", { archive: required(text) }),
  /** The chain where no plugin is named, and all archives where none are. */
  runBatch: codec("run_batch", {
    plugin: optional(text),
    archives: optional(texts),
    arg: oneShot,
    bySource: { ...orFalse(Type.Boolean()), isAdded: true },
    tagRules: { ...orFalse(Type.Boolean()), isAdded: true },
  }),
  /** The request as JSON, whose settings not each reader may see. */
  syncSet: codec("sync_set", { request: { ...required(text), isSecret: true } }),
  /** `batch` is the job of the batch. */
  undoBatch: codec("undo_batch", { batch: required(Type.Integer()) }),
} as const;

/** Shorter secrets are hidden only where they are the whole text: their characters may be in any other text. */
const MIN_PART = 8;

/** A JSON value in which each secret is replaced, also in the form that `redact` gives it. */
const conceal = (value: unknown, secrets: readonly string[]): unknown => {
  if (typeof value === "string") {
    if (secrets.includes(value)) return HIDDEN;
    const parts = secrets.filter(({ length }) => length >= MIN_PART);
    return parts.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), value);
  }
  if (Array.isArray(value)) return value.map((item) => conceal(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, conceal(item, secrets)]));
};

/**
 * A job for readers who may not see its secret arguments: they are hidden among the arguments and where the result repeats them.
 * All arguments of an unknown task are hidden.
 */
export const hideSecrets = <T extends { args: unknown[]; result?: unknown; error: string | null }>(
  job: T,
  { task, args: stored }: Pick<JobRecord, "task" | "args">,
): T => {
  const known = Object.values(taskCodecs).find(({ name }) => name === task);
  const secrets = (known ? known.secretsIn(stored) : stored).filter(
    (value): value is string => typeof value === "string" && value !== "",
  );
  const shown = conceal(
    { args: known ? job.args : job.args.map(() => HIDDEN), result: job.result, error: job.error },
    secrets.flatMap((secret) => [secret, redact(secret)]),
  );
  return { ...job, ...(shown as Pick<T, "args" | "result" | "error">) };
};
