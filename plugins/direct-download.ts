import type { DownloadPlugin } from "@hitagi/sdk";

export default {
  namespace: "direct-download",
  type: "download",
  name: "Direct download",
  version: "1.0.0",
  author: "Hitagi",
  description: "Downloads addresses that are those of a .zip or .cbz file already.",
  url_regex: "^https?://[^?#]+\\.([zZ][iI][pP]|[cC][bB][zZ])([?#].*)?$",
  provideUrl(ctx) {
    const file = new URL(ctx.url);
    file.hash = "";
    return { downloadUrl: file.href };
  },
} satisfies DownloadPlugin;
