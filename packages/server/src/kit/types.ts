import type { Manifest, NetworkRecord, ParameterValue } from "@hitagi/contract";
import type { LoggedLine, PluginCode } from "../runtimes/types.ts";
import type { NetworkMode } from "./network/recorded-network.ts";
import type { Recording } from "./network/recording.ts";

/** An archive that a plugin is run on: a file, with what a library would say of it. */
export interface KitArchive {
  /** The path of the file on this machine. */
  file: string;
  /** The path in the library, with `/`; by default the name of the file. */
  path?: string | undefined;
  /** By default the name of the file without its ending. */
  title?: string | undefined;
  tags?: readonly string[] | undefined;
  summary?: string | undefined;
}

/** A plugin that was loaded in the sandbox. */
export interface LoadedPlugin {
  code: PluginCode;
  manifest: Manifest;
}

/** One run of a plugin. */
export interface PluginCall {
  /** Of a metadata plugin. */
  archive?: KitArchive | undefined;
  /** Further archives that the library holds. */
  library?: readonly KitArchive[] | undefined;
  /** Absolute paths of files and folders that its owner granted it to read. */
  files?: readonly string[] | undefined;
  settings?: Readonly<Record<string, ParameterValue>> | undefined;
  arg?: string | undefined;
  url?: string | undefined;
  /** Where its requests are answered from, and kept. */
  recording: Recording;
  network: NetworkMode;
  /** Milliseconds; a server's limit by default. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A place in a source; line and column begin at 1. */
export interface SourcePlace {
  /** As the stack names it: relative to the folder of the plugin. */
  file: string;
  line: number;
  column: number;
}

/** Why a run or a load failed. */
export interface RunFailure {
  code: string;
  message: string;
  hint: string;
  /** The class of the error that the plugin threw, such as `TypeError`; null if it threw none. */
  thrown: string | null;
  place: SourcePlace | null;
  /** The frames in the sources, one a line. */
  stack: string | null;
}

/** What a plugin changed of an archive, or would have on a server. */
export interface LibraryChange {
  id: string;
  title?: string;
  tags?: string;
  summary?: string;
}

/** A right that the plugin used and its manifest does not ask for. */
export interface MissingRight {
  /** The field of `permissions`. */
  permission: "net" | "library" | "files";
  /** The value that would ask for it: a host with its port unless that is usual, or an access to the library. */
  value: string;
  /** The refusal, as the plugin saw it. */
  message: string;
}

/** What one run did. */
export interface RunReport {
  /** The path of the archive in the library, which is the name of its file for one that is named as a file; null if it ran on none. */
  archive: string | null;
  /** What the plugin found, checked as a server does; null if it failed. */
  result: unknown;
  failure: RunFailure | null;
  missingRights: MissingRight[];
  requests: (NetworkRecord & { recorded: boolean })[];
  log: LoggedLine[];
  /** What it changed in the library. */
  changes: LibraryChange[];
  /** Addresses that a script handed to downloads. */
  added: string[];
  /** Milliseconds. */
  ms: number;
  /** The most bytes that its process held; null where the machine does not tell. */
  memory: number | null;
}
