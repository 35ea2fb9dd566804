import { cbz } from "../../../server/test/library/cbz.ts";
import { page } from "../../../server/test/thumbnails/pages.ts";
import type { PageServer } from "./page-server.ts";

/** The bytes of a .cbz with three pages of a color, and a ComicInfo.xml that names a writer. */
export const comic = async (color: string): Promise<Buffer> => {
  const picture = await page(color, "jpeg", { width: 300, height: 420 });
  const info = Buffer.from(`<ComicInfo><Writer>Ann of ${color}</Writer></ComicInfo>`);
  const pages = { "pages/01.jpg": picture, "pages/02.PNG": picture, "pages/03.jpg": picture };
  return cbz(color, { "ComicInfo.xml": info, ...pages });
};

/** Adds archives of these names, each of another color: #111111, #222222 and so on. @returns their ids */
export const addComics = async (
  { client }: Pick<PageServer, "client">,
  names: string[],
): Promise<string[]> => {
  const ids: string[] = [];
  for (const [n, name] of names.entries()) {
    const bytes = await comic(`#${String(n + 1).repeat(6)}`);
    const file = new Blob([new Uint8Array(bytes)]);
    ids.push((await client.uploadArchive({ file, filename: `${name}.cbz`, body: {} })).id);
  }
  return ids;
};
