import type { Library } from "../../library/types.ts";
import type { Addresses } from "../types.ts";
import { type AddressReaders, shownReader } from "./readers.ts";
import { countSources } from "./sources.ts";
import { webAddressOf } from "./web-address.ts";

export interface AddressesDeps {
  readers: AddressReaders;
  library: Pick<Library, "get" | "list">;
}

export const createAddresses = ({ readers, library }: AddressesDeps): Addresses => {
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
