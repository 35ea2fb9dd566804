import { recordCheck } from "../bad-records.ts";
import { unusableDocument } from "../contract/documents.ts";
import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import { RegistryPin, TrustState } from "../contract/trust.ts";
import { onePage } from "../record-streams.ts";
import type { TrustStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { atField, unlessWrongType, withId } from "./records.ts";
import { LOG_CHANGE, script, toMap, wholeNumber } from "./script.ts";

const states = recordCheck(TrustState);
const pins = recordCheck(RegistryPin);

/**
 * Lua: `setTrust(fingerprint, expected, next, text)` writes an accepted state if the stored revision is the expected one, and answers
 * whether it did. The revision stands before the state. `setPin(registry, text)` pins a registry; without text it removes the pin.
 */
export const TRUST = `
  local function setTrust(fingerprint, expected, next, text)
    local stored = redis.call('HGET', '${names.trust}', fingerprint)
    if (stored and string.match(stored, '^%d+') or '0') ~= expected then return false end
    redis.call('HSET', '${names.trust}', fingerprint, next .. ' ' .. text)
    return true
  end
  local function setPin(registry, text)
    if text then redis.call('HSET', '${names.pins}', registry, text) else redis.call('HDEL', '${names.pins}', registry) end
  end
`;

const SET = script(`${TRUST} ${LOG_CHANGE}
  if not setTrust(arg.fingerprint, arg.expected, arg.next, arg.text) then return 0 end
  logChange('registries')
  return 1
`);
const SET_PIN = script(`${TRUST} ${LOG_CHANGE}
  setPin(arg.registry, arg.text)
  logChange('registry:' .. arg.registry)
`);

/** The arguments of `setTrust`. */
export const trustArgs = ({ revision, ...state }: TrustState, expected: number) => ({
  fingerprint: state.fingerprint,
  expected,
  next: expected + 1,
  text: JSON.stringify(state),
});

const toState = ({ bad }: Connection, fingerprint: string, text: string): TrustState | undefined =>
  bad.read(
    states,
    () => atField(names.trust, fingerprint),
    () => {
      const at = text.indexOf(" ");
      const state = withId(fingerprint, JSON.parse(text.slice(at + 1)), "fingerprint") as object;
      return { ...state, revision: wholeNumber(text.slice(0, at), 0) };
    },
  );

const toPin = ({ bad }: Connection, registry: string, text: string): RegistryPin | undefined =>
  bad.read(
    pins,
    () => atField(names.pins, registry),
    () => withId(registry, JSON.parse(text), "registry"),
  );

type Read<R> = (connection: Connection, field: string, text: string) => R | undefined;

/** What is damaged must not count as none: a registry could then show any key. */
const one = async <R>(
  connection: Connection,
  key: string,
  field: string,
  read: Read<R>,
): Promise<R | undefined> => {
  const text = await unlessWrongType<string | null | false>(connection, { [key]: "hash" }, false, () =>
    connection.command("HGET", key, field),
  );
  if (text === null) return undefined;
  const record = text === false ? undefined : read(connection, field, text);
  if (record === undefined) throw unusableDocument(key);
  return record;
};

const all = async <R>(connection: Connection, key: string, read: Read<R>): Promise<R[]> => {
  const reply = await unlessWrongType<unknown>(connection, { [key]: "hash" }, [], () =>
    connection.command("HGETALL", key),
  );
  return [...toMap(reply)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([field, text]) => read(connection, field, text) ?? []);
};

export const createTrustStore = (connection: Connection): TrustStore => ({
  get: (fingerprint) => one(connection, names.trust, fingerprint, toState),
  list: () => all(connection, names.trust, toState),
  set: async (state, expected) => (await connection.run(SET, {}, trustArgs(state, expected))) === 1,
  pin: (registry) => one(connection, names.pins, registry, toPin),
  pins: () => all(connection, names.pins, toPin),
  setPin: async (registry, pin) =>
    void (await connection.run(SET_PIN, {}, { registry, text: pin && JSON.stringify(pin) })),
});

export const trustStream = (
  connection: Connection,
  store: Pick<TrustStore, "list">,
): RecordStream<StreamRecords["trust"]> => ({
  pages: onePage(store.list),
  async put(records) {
    for (const { revision, ...state } of records) {
      const text = `${revision} ${JSON.stringify(state)}`;
      await connection.command("HSET", names.trust, state.fingerprint, text);
    }
  },
});

export const pinStream = (
  store: Pick<TrustStore, "pins" | "setPin">,
): RecordStream<StreamRecords["pins"]> => ({
  pages: onePage(store.pins),
  async put(records) {
    for (const pin of records) await store.setPin(pin.registry, pin);
  },
});
