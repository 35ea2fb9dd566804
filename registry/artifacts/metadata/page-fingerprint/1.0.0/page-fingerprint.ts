import type { MetadataPlugin } from "@hitagi/sdk";

const IMAGE = /\.(jpe?g|png|gif|webp|avif|jxl|bmp)$/i;

/** The most that a plugin may read of one file. */
const MAX_BYTES = 16 * 1024 * 1024;

const hexOf = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  hexOf(await crypto.subtle.digest("SHA-256", bytes));

export default {
  namespace: "page-fingerprint",
  type: "metadata",
  name: "Page fingerprint",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Tags an archive with a fingerprint of its pages, the same for the same pages in another archive. The script Find duplicates compares them.",
  async getTags({ archive }) {
    const entries = await archive.entries();
    const pages = entries.filter(({ name }) => IMAGE.test(name)).sort((a, b) => b.size - a.size);
    const largest = pages.find(({ size }) => size <= MAX_BYTES);
    // The pages of a PDF have no size before they are drawn.
    if (!largest || largest.size === 0 || largest.encrypted) return {};
    const sizes = pages.map(({ size }) => size).join(" ");
    const bytes = new Uint8Array(await archive.read(largest.name));
    const fingerprint = await sha256(new TextEncoder().encode(`${sizes} ${await sha256(bytes)}`));
    return { tags: [`pages_hash:${fingerprint.slice(0, 16)}`] };
  },
} satisfies MetadataPlugin;
