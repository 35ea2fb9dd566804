import { onTestFinished } from "vitest";
import { tempFolder } from "./temp-folder.ts";

const folders = new Map<string, Promise<string>>();

/** The library of all servers that a test starts on one store; a folder of its own for each store. */
export const libraryOn = (store: string): Promise<string> => {
  const known = folders.get(store);
  if (known) return known;
  const made = tempFolder();
  folders.set(store, made);
  onTestFinished(() => void folders.delete(store));
  return made;
};
