import type { DownloadPlugin, LoginPlugin, MetadataPlugin } from "@hitagi/sdk";

const common = { name: "A plugin", version: "1.0.0", author: "me", description: "" };
const parameters = { count: { type: "int" } } as const;

export const unknownSetting = {
  ...common,
  namespace: "a",
  type: "metadata",
  parameters,
  // @ts-expect-error the setting is called count
  getTags: (ctx) => ({ tags: [String(ctx.settings.counts)] }),
} satisfies MetadataPlugin<typeof parameters>;

export const wrongSetting = {
  ...common,
  namespace: "a",
  type: "metadata",
  parameters,
  // @ts-expect-error the setting is a number
  getTags: (ctx) => ({ title: ctx.settings.count }),
} satisfies MetadataPlugin<typeof parameters>;

export const undeclared = {
  ...common,
  namespace: "a",
  type: "metadata",
  getTags: () => ({}),
  // @ts-expect-error the settings that the type names are not declared
} satisfies MetadataPlugin<typeof parameters>;

export const wrongType = {
  ...common,
  namespace: "a",
  // @ts-expect-error a metadata plugin is of the type metadata
  type: "script",
  getTags: () => ({}),
} satisfies MetadataPlugin;

export const unknownField = {
  ...common,
  namespace: "a",
  type: "metadata",
  // @ts-expect-error there is no such field in a manifest
  permission: { library: "read" },
  getTags: () => ({}),
} satisfies MetadataPlugin;

export const wrongPermission = {
  ...common,
  namespace: "a",
  type: "metadata",
  // @ts-expect-error the library is read or written
  permissions: { library: "all" },
  getTags: () => ({}),
} satisfies MetadataPlugin;

export const noRegex = {
  ...common,
  namespace: "a",
  type: "download",
  provideUrl: () => ({ downloadUrl: "" }),
  // @ts-expect-error a download plugin says which addresses it takes
} satisfies DownloadPlugin;

export const wrongResult = {
  ...common,
  namespace: "a",
  type: "download",
  url_regex: ".",
  // @ts-expect-error the field is called downloadUrl
  provideUrl: () => ({ url: "" }),
} satisfies DownloadPlugin;

export const noArchive = {
  ...common,
  namespace: "a",
  type: "login",
  // @ts-expect-error only a metadata plugin works on an archive
  login: (ctx) => ({ headers: { title: ctx.archive.title } }),
} satisfies LoginPlugin;
