import type { Client } from "@hitagi/contract";
import { type ConnectionOptions, connect } from "../connection.ts";
import type { Io } from "../io.ts";
import type { NameKind, ServerNames, Suggestion } from "./suggest.ts";

/** How long TAB may wait for the server, in milliseconds. */
const TIMEOUT_MS = 800;
const PAGE = 200;

type Ask = (client: Client, signal: AbortSignal) => Promise<Suggestion[]>;

/** A name that a shell would have to quote is replaced by its id. */
const plainName = /^[\w.-]+$/;

const asks: Record<NameKind, Ask> = {
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

/** Asks the server in the command line or the environment. Errors give no suggestions. */
export const createServerNames =
  (io: Io): ServerNames =>
  async (kind, given) => {
    try {
      const client = await connect(io, given as ConnectionOptions);
      return await asks[kind](client, AbortSignal.timeout(TIMEOUT_MS));
    } catch {
      return [];
    }
  };
