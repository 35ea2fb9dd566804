import type { Client } from "@hitagi/contract";
import { type ConnectionOptions, connect } from "../connection.ts";
import type { Io } from "../io.ts";
import type { Kind, Known, Suggestion } from "./suggest.ts";

/** Milliseconds that a person who pressed TAB is kept waiting at most. */
const PATIENCE_MS = 800;
const PAGE = 200;

type Ask = (client: Client, signal: AbortSignal) => Promise<Suggestion[]>;

/** Names that a shell would have to quote are told by their id. */
const plainName = /^[\w.-]+$/;

const asks: Record<Kind, Ask> = {
  installed: async (client, signal) => {
    const { plugins } = await client.listInstalled({ signal });
    return plugins.map((p) => ({ value: p.namespace, about: `${p.name} ${p.version}` }));
  },
  offered: async (client, signal) => {
    const { items } = await client.searchAvailable({ query: { size: PAGE }, signal });
    return items.map((p) => ({ value: p.namespace, about: p.description }));
  },
  registries: async (client, signal) => {
    const { registries } = await client.listRegistries({ signal });
    return registries.map(({ id, name }) =>
      plainName.test(name) ? { value: name, about: id } : { value: id, about: name },
    );
  },
  keys: async (client, signal) => {
    const { keys } = await client.listKeys({ signal });
    return keys.map(({ name, scope }) => ({ value: name, about: scope }));
  },
};

/** Asks the server that the line and the environment name. A press of TAB is no place for an error, so one says nothing. */
export const knownBy =
  (io: Io): Known =>
  async (kind, given) => {
    try {
      const client = await connect(io, given as ConnectionOptions);
      return await asks[kind](client, AbortSignal.timeout(PATIENCE_MS));
    } catch {
      return [];
    }
  };
