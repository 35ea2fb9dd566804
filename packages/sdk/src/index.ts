export type {
  ArchiveContext,
  BaseContext,
  Cache,
  DownloadContext,
  Files,
  Library,
  LibraryArchive,
  ListedArchive,
  Log,
  LoginContext,
  MetadataContext,
  OpenFile,
  ScriptContext,
} from "./contexts.ts";
export type { MarkupDocument, MarkupElement, MarkupNode } from "./markup.ts";
export type {
  DownloadPlugin,
  DownloadResult,
  Json,
  LoginPlugin,
  LoginResult,
  MetadataPlugin,
  MetadataResult,
  ScriptPlugin,
} from "./plugins.ts";
export type { Parameters, Settings } from "./settings.ts";
