import type { Library } from "../../library/types.ts";
import type { ActivePlugins, Addresses } from "../types.ts";
import type { TakesAddress } from "./address-patterns.ts";
import { createAddressReaders, shownReader } from "./readers.ts";
import { countSources } from "./sources.ts";
import { webAddressOf } from "./web-address.ts";

export interface AddressesDeps {
  active: Pick<ActivePlugins, "list">;
  library: Pick<Library, "get" | "list">;
  takes: TakesAddress;
}

export const createAddresses = ({ active, library, takes }: AddressesDeps): Addresses => {
  const readers = createAddressReaders(active, takes);
  return {
    async list(url) {
      const address = url === undefined ? undefined : webAddressOf(url);
      if (url !== undefined && address === undefined) return [];
      return (address === undefined ? readers.all() : await readers.of(address)).map(shownReader);
    },
    async choose(url) {
      const { plugin, address } = await readers.choose(url);
      return { namespace: plugin.namespace, arg: address };
    },
    async countSources(ids) {
      const archives = ids ? await Promise.all(ids.map(library.get)) : await library.list();
      return countSources(readers, archives);
    },
  };
};
