import { writeFile } from "node:fs/promises";
import { strToU8, zipSync } from "fflate";

const COMIC_INFO = `<?xml version="1.0" encoding="utf-8"?>
<ComicInfo>
  <Title>The Snail and the Moon</Title><Series>Night Walks</Series><Number>3</Number>
  <Writer>A. Author</Writer><Penciller>P. Encil</Penciller><Genre>Fantasy, Slice of Life</Genre>
  <Characters>Mai, The Snail</Characters><AgeRating>Everyone</AgeRating><LanguageISO>en</LanguageISO>
  <Summary>A snail sets out to see the moon.</Summary>
</ComicInfo>`;

/** A real .cbz with a ComicInfo.xml and a page (a PNG of one pixel). */
export const writeComic = async (file: string): Promise<void> => {
  const pixel = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  await writeFile(file, zipSync({ "ComicInfo.xml": strToU8(COMIC_INFO), "001.png": pixel }));
};
