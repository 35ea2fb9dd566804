import type { DownloadPlugin } from "@hitagi/sdk";

interface Item {
  files: { name: string; source?: string }[];
}

const isItem = (value: unknown): value is Item => Array.isArray((value as Partial<Item> | null)?.files);

/** The first comic file of an item, an uploaded one before one that the site made. */
const comicOf = ({ files }: Item): string | undefined => {
  const comics = files.filter(({ name }) => /\.(cbz|zip)$/i.test(name));
  return (comics.find(({ source }) => source === "original") ?? comics[0])?.name;
};

export default {
  namespace: "internet-archive",
  type: "download",
  name: "Internet Archive",
  version: "1.0.0",
  author: "Hitagi",
  description: "Downloads the .cbz or .zip file of an item at archive.org.",
  url_regex: "^https?://(www\\.)?archive\\.org/details/[A-Za-z0-9._-]+",
  permissions: { net: ["archive.org"] },
  async provideUrl(ctx) {
    const [, id] = /\/details\/([A-Za-z0-9._-]+)/.exec(new URL(ctx.url).pathname) ?? [];
    if (id === undefined) throw new Error("This is not the page of an item.");
    const response = await fetch(`https://archive.org/metadata/${id}`, { signal: ctx.signal });
    if (!response.ok) throw new Error(`archive.org answered ${response.status}.`);
    const item: unknown = await response.json();
    const file = isItem(item) ? comicOf(item) : undefined;
    if (file === undefined) throw new Error("This item has no .cbz or .zip file.");
    const path = file.split("/").map(encodeURIComponent).join("/");
    return { downloadUrl: `https://archive.org/download/${id}/${path}` };
  },
} satisfies DownloadPlugin;
