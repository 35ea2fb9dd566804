import { isHitagiError, type ListedUpdate, type Update } from "@hitagi/contract";
import type { Admission } from "../admission/types.ts";
import type { Catalog } from "../catalog/types.ts";
import { isStoreFault } from "../store/is-store-fault.ts";

interface ListedUpdatesDeps {
  catalog: Pick<Catalog, "updates" | "resolve">;
  admission: Pick<Admission, "waits">;
}

/** The updates as a list shows them: each with why automatic updates do not take it yet. */
export const createListedUpdates = ({ catalog, admission }: ListedUpdatesDeps) => {
  const listed = async (update: Update): Promise<ListedUpdate> => {
    const { registry, namespace, update: version } = update;
    try {
      const { accepted } = await catalog.resolve(registry, namespace, version);
      const waits = await admission.waits({ namespace, version, registry }, accepted);
      if (!waits) return update;
      const { code, message, hint } = waits;
      return { ...update, waits: { code, message, hint } };
    } catch (error) {
      // The registry changed since the list was made, or cannot be read now, which its record says.
      if (!isHitagiError(error) || isStoreFault(error)) throw error;
      return update;
    }
  };
  return async (): Promise<ListedUpdate[]> => Promise.all((await catalog.updates()).map(listed));
};
