import { onTestFinished } from "vitest";
import type { Store } from "../../../src/store/types.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** Opens the store of a place. Two places share nothing; one place opened twice in a row has the same data. */
export type OpenStore = (place: string) => Promise<Store>;

/** A new empty store that is closed when the test ends, and how to open it anew. */
export const fresh = async (open: OpenStore): Promise<{ store: Store; reopen: () => Promise<Store> }> => {
  const place = await tempFolder();
  const opened = async (): Promise<Store> => {
    const store = await open(place);
    onTestFinished(() => store.close());
    return store;
  };
  const store = await opened();
  return {
    store,
    reopen: async () => {
      await store.close();
      return opened();
    },
  };
};

/** A time in epoch seconds, for tests that need any. */
export const NOW = 1_784_000_000;

/** 0, 1, 2, … below n. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** What a copy is called in the folder that is opened afterwards. */
export const COPY_NAME = "hitagi.db";
