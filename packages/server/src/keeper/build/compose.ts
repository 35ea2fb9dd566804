import {
  type IndexPlugin,
  type IndexVersion,
  type PluginDetails,
  PluginDetails as PluginDetailsSchema,
  type RegistryDetails,
  type RegistryIndex,
  type VersionDetails,
} from "@hitagi/contract";
import { Check } from "typebox/value";
import type { KeeperSettings } from "../keeper-settings.ts";
import { compareVersions } from "../versions.ts";
import type { NewVersion, VettedFile } from "./new-versions.ts";
import type { Published } from "./published.ts";

/** The texts of a plugin, from the files beside it. */
export interface PluginTexts {
  readme: string | undefined;
  /** By version. */
  changelogs: Readonly<Record<string, string>>;
}

export interface ComposeRequest {
  published: Published;
  /** Undefined if the folder has no keeper.json. */
  settings: KeeperSettings | undefined;
  versions: readonly NewVersion[];
  known: readonly VettedFile[];
  /** Of the plugins that have a source, by namespace. */
  texts: ReadonlyMap<string, PluginTexts>;
  /** UTC, `YYYY-MM-DDTHH:MM:SSZ`. */
  time: string;
}

const sortedEntries = <T>(record: Readonly<Record<string, T>>, namespace = ""): Record<string, T> =>
  Object.fromEntries(
    Object.entries(record).sort(([a], [b]) =>
      namespace === ""
        ? Number(a > b) - Number(a < b)
        : compareVersions({ namespace, version: a }, { namespace, version: b }),
    ),
  );

const entryOf = ({ manifest, sha256, artifact }: NewVersion, time: string): IndexVersion => {
  const { version, name, author, description } = manifest;
  return { version, name, author, description: description || name, artifact, sha256, published_at: time };
};

/** The index with the new versions. Published ones stay as they are. */
export const composeIndex = ({ published, versions, time }: ComposeRequest): RegistryIndex => {
  const plugins: Record<string, IndexPlugin> = { ...published.index?.plugins };
  for (const one of versions) {
    const { namespace, type } = one.manifest;
    const before = plugins[namespace]?.versions ?? {};
    plugins[namespace] = {
      namespace,
      type,
      versions: sortedEntries({ ...before, [one.manifest.version]: entryOf(one, time) }, namespace),
    };
  }
  const before = published.index?.generated_at ?? "";
  const generated_at = before > time ? before : time;
  return { version: 1, generated_at, plugins: sortedEntries(plugins) };
};

const defined = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

/** The icon of a manifest, if it is a picture that details may have. */
const iconOf = (icon: string | undefined): string | undefined =>
  icon !== undefined && Check(PluginDetailsSchema.properties.icon, icon) ? icon : undefined;

/** What is known of a version. What was said of a published one before stays; only its changelog may be corrected. */
const versionDetails = (
  before: VersionDetails | undefined,
  file: VettedFile | undefined,
  changelog: string | undefined,
  requires: VersionDetails["requires"],
): VersionDetails =>
  defined({
    changelog: changelog ?? before?.changelog,
    size: before?.size ?? file?.bytes.length,
    permissions: before?.permissions ?? (file && (file.manifest.permissions ?? {})),
    requires: before ? before.requires : (file?.manifest.requires ?? requires),
  });

const pluginDetails = (
  plugin: IndexPlugin | undefined,
  namespace: string,
  { published, settings, versions, known, texts }: ComposeRequest,
): PluginDetails => {
  const before = published.details?.plugins[namespace];
  const files = [...known, ...versions].filter(({ manifest }) => manifest.namespace === namespace);
  const newest = [...files].sort((a, b) => compareVersions(a.manifest, b.manifest)).at(-1);
  const { requires, ...said } = settings?.plugins?.[namespace] ?? {};
  const own = texts.get(namespace);
  const { readme, icon, versions: _, yanked, ...texted } = before ?? {};
  const offered = Object.keys(plugin?.versions ?? {});
  return defined({
    ...(settings ? said : texted),
    icon: said.icon ?? iconOf(newest?.manifest.icon) ?? icon,
    readme: own ? own.readme : readme,
    versions:
      offered.length === 0
        ? undefined
        : Object.fromEntries(
            offered.map((version) => [
              version,
              versionDetails(
                before?.versions?.[version],
                files.find(({ manifest }) => manifest.version === version),
                own?.changelogs[version],
                requires,
              ),
            ]),
          ),
    yanked,
  });
};

/** The details that belong to an index. */
export const composeDetails = (index: RegistryIndex, request: ComposeRequest): RegistryDetails => {
  const { published, settings } = request;
  const { name, description, homepage, contact } = settings ?? published.details ?? {};
  const namespaces = new Set([
    ...Object.keys(index.plugins),
    ...Object.keys(published.details?.plugins ?? {}),
  ]);
  return {
    version: 1,
    ...defined({ name, description, homepage, contact }),
    plugins: Object.fromEntries(
      [...namespaces]
        .sort()
        .map((namespace) => [namespace, pluginDetails(index.plugins[namespace], namespace, request)]),
    ),
  };
};

/** JSON as the commands write it: the same for the same value. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
