import { isHitagiError } from "@hitagi/contract";
import type { HostRequestHandler } from "../runtimes/types.ts";
import type { MissingRight } from "./types.ts";

/** The line of a manifest that asks for a right. */
export const manifestLine = ({ permission, value }: MissingRight): string => {
  const text = permission === "net" ? `["${value}"]` : JSON.stringify(value);
  return `permissions: { ${permission}: ${text} },`;
};

/** The access to the library that each request needs. */
const LIBRARY: Readonly<Record<string, string>> = {
  "library.search": "read",
  "library.get": "read",
  "library.update": "write",
  "library.add": "add",
};

const hostOf = (args: unknown): string | undefined => {
  const { url } = Object(args) as { url?: unknown };
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  const { protocol, host, username } = new URL(url);
  return /^https?:$/.test(protocol) && username === "" ? host : undefined;
};

const rightOf = (capability: string, args: unknown, message: string): MissingRight | undefined => {
  if (capability === "fetch") {
    const host = /granted$/.test(message) ? hostOf(args) : undefined;
    return host === undefined ? undefined : { permission: "net", value: host, message };
  }
  const access = LIBRARY[capability];
  if (access !== undefined) return { permission: "library", value: access, message };
  return capability.startsWith("files.")
    ? { permission: "files", value: "the files that it reads", message }
    : undefined;
};

/** Watches the requests of one call for those that its manifest does not ask for. */
export const watchRights = (handle: HostRequestHandler, found: MissingRight[]): HostRequestHandler => {
  return async (capability, args, signal, deliver) => {
    try {
      return await handle(capability, args, signal, deliver);
    } catch (error) {
      const right = isHitagiError(error, "CAPABILITY_DENIED")
        ? rightOf(capability, args, error.message)
        : undefined;
      const isNew = !found.some(
        ({ permission, value }) => permission === right?.permission && value === right.value,
      );
      if (right && isNew) found.push(right);
      throw error;
    }
  };
};
