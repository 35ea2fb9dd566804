import type { DownloadPlugin, LoginPlugin, MetadataPlugin, ScriptPlugin } from "@hitagi/sdk";

const common = { name: "A plugin", version: "1.0.0", author: "me", description: "" };

const parameters = {
  suffix: { type: "string", desc: "What to add", default_value: "-1" },
  pages: { type: "int" },
  strict: { type: "bool", default_value: false },
  key: { type: "secret", desc: "The key" },
} as const;

/** Settings that are declared are exact. */
export const exact = {
  ...common,
  namespace: "exact",
  type: "metadata",
  parameters,
  async getTags(ctx) {
    const { suffix, pages, strict, key } = ctx.settings;
    const text: string = suffix;
    const number: number = pages;
    const flag: boolean = strict;
    const secret: string = key;
    return {
      tags: [text, String(number), String(flag)],
      title: ctx.archive.title + suffix,
      summary: secret,
    };
  },
} satisfies MetadataPlugin<typeof parameters>;

/** Settings that are written in place can be read, and are one of their three kinds. */
export const loose = {
  ...common,
  namespace: "loose",
  type: "metadata",
  parameters: { suffix: { type: "string", default_value: "-1" } },
  permissions: { net: ["api.example.org"], library: "read" },
  async getTags(ctx) {
    const page = ctx.html(await ctx.archive.text("page.html"));
    const links = [...page.querySelectorAll("a[href]")].map((link) => link.getAttribute("href") ?? "");
    return { tags: links, title: ctx.archive.title + ctx.settings.suffix };
  },
} satisfies MetadataPlugin;

export const download = {
  ...common,
  namespace: "download",
  type: "download",
  url_regex: "^https://example\\.org/",
  provideUrl: (ctx) => ({ downloadUrl: `${ctx.url}.zip` }),
} satisfies DownloadPlugin;

export const login = {
  ...common,
  namespace: "login",
  type: "login",
  login: () => ({ cookies: [{ name: "sid", value: "1", domain: "example.org" }] }),
} satisfies LoginPlugin;

export const script = {
  ...common,
  namespace: "script",
  type: "script",
  async run(ctx) {
    ctx.progress(1, 2, "half");
    await ctx.cache.set("key", { any: ["json"] }, 60);
    return { found: (await ctx.library.search(ctx.arg)).length };
  },
} satisfies ScriptPlugin;
