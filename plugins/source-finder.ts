import type { ScriptPlugin } from "@hitagi/sdk";

/** Addresses of one page are written in several ways; what is left here is the same in all of them. */
const pageOf = (address: string): string =>
  address
    .trim()
    .replace(/^https?:\/\//i, "")
    .replace(/^www\./i, "")
    .replace(/#.*$/, "")
    .replace(/\/+$/, "")
    .replace(/^[^/?]+/, (host) => host.toLowerCase());

const sourcesOf = (tags: readonly string[]): string[] =>
  tags.filter((tag) => /^source:/i.test(tag)).map((tag) => pageOf(tag.slice("source:".length)));

export default {
  namespace: "source-finder",
  type: "script",
  name: "Source finder",
  version: "1.0.0",
  author: "Hitagi",
  description: "Finds the archive that came from an address, by its source tag. Answers its id, or null.",
  oneshot_arg: "Address of the page that the archive came from",
  permissions: { library: "read" },
  async run(ctx) {
    const page = pageOf(ctx.arg);
    if (page === "") throw new Error("Give the address to look for.");
    const candidates = await ctx.library.search(page, 1000);
    const found = candidates.find(({ tags }) => sourcesOf(tags).includes(page));
    return { id: found?.id ?? null };
  },
} satisfies ScriptPlugin;
