import { HitagiError } from "@hitagi/contract";
import type { CallScope } from "../types.ts";

/**
 * What a call must be allowed for a capability, and what that gives to work with.
 * @throws HitagiError CAPABILITY_DENIED
 */
export type Permission<Given> = (scope: CallScope) => Given;

const denied = (action: string, reason: string) => new HitagiError("CAPABILITY_DENIED", { action, reason });

/** Open to every plugin: it reaches nothing but the plugin's own call, log and cache. */
export const everyPlugin: Permission<void> = () => {};

/** Only the archive that the plugin was called on. */
export const ownArchive: Permission<string> = ({ archive }) => {
  if (archive === undefined) throw denied("read an archive", "it was not called on one");
  return archive;
};

/** `library: "read"`, which `"write"` includes. */
export const libraryRead: Permission<void> = ({ granted }) => {
  if (granted.library === undefined) throw denied("read the library", "library is not granted");
};

/** `library: "write"`. */
export const libraryWrite: Permission<void> = ({ granted }) => {
  if (granted.library !== "write") throw denied("change the library", "library write is not granted");
};

/** `net`: the granted hosts. Which one a request may reach is decided for each hop. */
export const network: Permission<readonly string[]> = ({ granted }) => {
  if (!granted.net?.length) throw denied("use the network", "no host is granted");
  return granted.net;
};

/** The session as it is: only for a plugin that makes its requests itself, because no sandbox could keep it from them. */
export const ownRequests: Permission<void> = ({ ownRequests: own }) => {
  if (!own) throw denied("read its session", "the server adds it to the plugin's requests");
};
