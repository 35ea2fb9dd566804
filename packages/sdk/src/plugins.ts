import type { DownloadContext, LoginContext, MetadataContext, ScriptContext } from "./contexts.ts";
import type { Manifest, PluginType } from "./manifest.ts";
import type { Parameters } from "./settings.ts";

/** Any value that JSON can hold. A field that is undefined is left out. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json | undefined };

/** A result that may also come later. */
type Later<T> = T | Promise<T>;

/** The manifest of one type of plugin, with the declaration of its settings if known. */
type ManifestOf<T extends PluginType, P extends Parameters> = Omit<Manifest, "type" | "parameters"> & {
  type: T;
} & (string extends keyof P ? { parameters?: P } : { parameters: P });

/**
 * Absent fields stay unchanged; tags are added to the existing ones. An empty result says that nothing was found: throw only where
 * something failed, because reports count that as a failure.
 */
export interface MetadataResult {
  /** A list, or LANraragi's text with commas. */
  tags?: string[] | string;
  title?: string;
  summary?: string;
}

/** Finds tags, a title or a summary for an archive. */
export type MetadataPlugin<P extends Parameters = Parameters> = ManifestOf<"metadata", P> & {
  getTags(ctx: MetadataContext<P>): Later<MetadataResult>;
};

export interface DownloadResult {
  /** Where the file itself is; the server fetches it. */
  downloadUrl: string;
}

/** Turns an address that matches its `url_regex` into the address of a file. */
export type DownloadPlugin<P extends Parameters = Parameters> = ManifestOf<"download", P> & {
  url_regex: string;
  provideUrl(ctx: DownloadContext<P>): Later<DownloadResult>;
};

/** Added to the requests of plugins that name this login in `login_from`. */
export interface LoginResult {
  /**
   * At most 50 for each host, of 4,096 bytes each. They are sent to hosts that the login plugin itself is granted:
   * `example.org` is this host alone, `.example.org` its subdomains too; `secure` ones over https only.
   */
  cookies?: { name: string; value: string; domain: string; path?: string; secure?: boolean }[];
  /** Sent to the hosts that the login plugin itself is granted, and to no other. */
  headers?: Record<string, string>;
}

/** Opens a session at a site for the plugins that name it in `login_from`. */
export type LoginPlugin<P extends Parameters = Parameters> = ManifestOf<"login", P> & {
  login(ctx: LoginContext<P>): Later<LoginResult>;
};

/** Does any work and answers JSON. A value that is no object becomes `{ result: value }`. */
export type ScriptPlugin<P extends Parameters = Parameters> = ManifestOf<"script", P> & {
  run(ctx: ScriptContext<P>): Later<Json>;
};
