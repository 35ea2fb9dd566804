import type { DownloadPlugin } from "@hitagi/sdk";

export default {
  namespace: "direct-download",
  type: "download",
  name: "Direct download",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Downloads addresses that are those of an archive already: .zip, .cbz, .rar, .cbr, .7z, .cb7, .tar, .cbt, .pdf, .epub.",
  url_regex:
    "^https?://[^?#]+\\.([zZ][iI][pP]|[rR][aA][rR]|7[zZ]|[tT][aA][rR]|[cC][bB][zZrR7tT]|[pP][dD][fF]|[eE][pP][uU][bB])([?#].*)?$",
  provideUrl(ctx) {
    const file = new URL(ctx.url);
    file.hash = "";
    return { downloadUrl: file.href };
  },
} satisfies DownloadPlugin;
