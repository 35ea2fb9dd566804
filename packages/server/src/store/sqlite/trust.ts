import { recordCheck } from "../bad-records.ts";
import { unusableDocument } from "../contract/documents.ts";
import { RegistryPin, TrustState } from "../contract/trust.ts";
import type { TrustStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { type Row, recordOf, recordsOf, type Table } from "./table.ts";

export const trustStates: Table<TrustState> = {
  ...{ name: "trust_states", columns: "fingerprint, value, revision", key: "fingerprint", json: ["value"] },
  order: { fingerprint: "" },
  check: recordCheck(TrustState),
  toRow: ({ revision, ...value }) => ({ fingerprint: value.fingerprint, value, revision }),
  fromRow: ({ value, revision }) => ({ ...(value as object), revision }),
};

export const registryPins: Table<RegistryPin> = {
  ...{ name: "registry_pins", columns: "registry, value", key: "registry", json: ["value"] },
  order: { registry: "" },
  check: recordCheck(RegistryPin),
  toRow: (pin) => ({ registry: pin.registry, value: pin }),
  fromRow: ({ value }) => value,
};

/** The changes of trust for use within a transaction. */
export const trustChanges = (connection: Connection) => {
  const { prepare } = connection;
  const revision = prepare("SELECT revision FROM trust_states WHERE fingerprint = ?");
  const put = recordsOf(connection, trustStates).upsert();
  const putPin = recordsOf(connection, registryPins).upsert();
  const dropPin = prepare("DELETE FROM registry_pins WHERE registry = ?");
  return {
    /** @returns false where the stored revision is not the expected one */
    set: (state: TrustState, expected: number): boolean => {
      const found = revision.get(state.fingerprint) as { revision: number } | undefined;
      if ((found?.revision ?? 0) !== expected) return false;
      put({ ...state, revision: expected + 1 });
      return true;
    },
    setPin: (registry: string, pin: RegistryPin | undefined): void => {
      if (pin) putPin(pin);
      else dropPin.run(registry);
    },
  };
};

export const createTrustStore = (connection: Connection): TrustStore => {
  const find = connection.one<Row>(
    "SELECT fingerprint, value, revision FROM trust_states WHERE fingerprint = ?",
  );
  const findPin = connection.one<Row>("SELECT registry, value FROM registry_pins WHERE registry = ?");
  const states = recordsOf(connection, trustStates).all("ORDER BY fingerprint");
  const pins = recordsOf(connection, registryPins).all("ORDER BY registry");
  const changes = trustChanges(connection);
  /** What is damaged must not count as none: the registry could then show any key. */
  const usable = <R>(table: Table<R>, row: Row | undefined): R | undefined => {
    if (row === undefined) return undefined;
    const record = recordOf(connection, table, row);
    if (record === undefined) throw unusableDocument(table.name);
    return record;
  };
  return {
    get: async (fingerprint) => usable(trustStates, await find(fingerprint)),
    list: () => states(),
    set: (state, expected) => connection.write(() => changes.set(state, expected)),
    pin: async (registry) => usable(registryPins, await findPin(registry)),
    pins: () => pins(),
    setPin: (registry, pin) => connection.write(() => changes.setPin(registry, pin)),
  };
};
