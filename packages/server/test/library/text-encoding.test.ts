import { expect, test } from "vitest";
import { encodingOfNames } from "../../src/library/encoding-detection.ts";
import { decodeText } from "../../src/library/text-encoding.ts";
import { encode } from "./encode.ts";

/** `<Title>表紙の題名</Title>` in Shift-JIS, between tags, as a ComicInfo.xml has it. */
const SHIFT_JIS = Buffer.concat([
  Buffer.from("<ComicInfo><Title>"),
  Buffer.from("955c8e8682cc91e896bc82b182ea82cd969f89e682c582b7", "hex"),
  Buffer.from("</Title></ComicInfo>"),
]);
const declared = (encoding: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`<?xml version="1.0" encoding="${encoding}"?>\n`), body]);
const latin1 = (text: string) => Buffer.from(text, "latin1");

test.each([
  ["UTF-8", Buffer.from("ö漫"), "ö漫"],
  ["UTF-8 with a mark", Buffer.from("\ufeffö漫"), "ö漫"],
  ["UTF-16 with a mark", Buffer.from("\ufeffö漫", "utf16le"), "ö漫"],
  ["big-endian UTF-16 with a mark", Buffer.from("\ufeffö漫", "utf16le").swap16(), "ö漫"],
  ["UTF-16 without a mark", Buffer.from("<a>漫</a>", "utf16le"), "<a>漫</a>"],
  ["big-endian UTF-16 without a mark", Buffer.from("<a>漫</a>", "utf16le").swap16(), "<a>漫</a>"],
  ["nothing", Buffer.alloc(0), ""],
])("text in %s is read", async (_, bytes, text) => {
  expect(await decodeText(bytes)).toBe(text);
});

test.each([
  ["ISO-8859-1", latin1("Caf\xe9"), "Café"],
  ["windows-1252", latin1("It\x92s \x80 1"), "It’s € 1"],
  ["Shift_JIS", Buffer.from("955c8e86", "hex"), "表紙"],
  ["windows-1251", latin1("\xcf\xf0\xe8\xe2\xe5\xf2"), "Привет"],
  // .NET writes this declaration into UTF-8 files.
  ["utf-16", Buffer.from("漫画"), "漫画"],
  // Declared as UTF-8, and not.
  ["utf-8", latin1("<Title>Un caf\xe9 au lait</Title>"), "<Title>Un café au lait</Title>"],
  ["no-such-encoding", Buffer.from("漫画"), "漫画"],
])("text that declares %s is read", async (encoding, body, text) => {
  const read = await decodeText(declared(encoding, body));
  expect(read?.split("\n")[1]).toBe(text);
});

test("an encoding that is not declared is detected", async () => {
  expect(await decodeText(SHIFT_JIS)).toBe("<ComicInfo><Title>表紙の題名これは漫画です</Title></ComicInfo>");
  expect(await decodeText(latin1("<Summary>Un caf\xe9 au lait, s'il vous pla\xeet</Summary>"))).toBe(
    "<Summary>Un café au lait, s'il vous plaît</Summary>",
  );
});

test("bytes that are no text give none", async () => {
  for (const bytes of [
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46]),
    Buffer.from([0xff, 0xfe, 0x00, 0xd8]),
  ])
    expect(await decodeText(bytes)).toBeUndefined();
});

/** Titles as they are found, most of them short. A word of one or two characters can be one in several encodings: of these, those that are read. */
const titles: Record<string, string> = {
  shift_jis:
    "表紙|第1話|漫画|東京|雪|銀魂|進撃の巨人|鋼の錬金術師|ドラえもん|少年ジャンプ編集部|尾田栄一郎|魔法少女まどか☆マギカ|ソードアート・オンライン|" +
    "ｶﾊﾞｰ|ﾄﾞﾗｴﾓﾝ|ﾍﾟｰｼﾞ001|ﾏﾝｶﾞ|ﾜﾝﾋﾟｰｽ 第1巻|ｼﾞｮｼﾞｮの奇妙な冒険",
  gb18030:
    "封面|火影忍者|第1话|漫画|海贼王|汉化组|名侦探柯南|死神|灌篮高手|七龙珠|鬼灭之刃|狐妖小红娘|版权页",
  big5: "封面|海賊王|第1話|漫畫|名偵探柯南|火影忍者|灌籃高手|七龍珠|上冊|臺灣|三國演義",
  "euc-kr": "표지|원피스|제1화|만화|나루토|명탐정 코난|진격의 거인|귀멸의 칼날|신의 탑|드래곤볼",
};
const western =
  "Café|Astérix chez les Bretons|Mädchen|El Niño|façade|L'étoile mystérieuse|größe|Für Elise|Pokémon|ÉTÉ|GRÖSSE|Les Schtroumpfs à la plage|" +
  "Müller & Söhne|Piñata|Città|Ångström|Blåbær|30°C|½ dozen|5 £";
const onlyInText =
  "It’s|Rock ’n’ Roll|“Quoted” text|20 €|Œuvre complète|João|Coração de mãe|© 2020 ACME|Björk Guðmundsdóttir";
const russian = "Обложка|Том 1|Глава 12|Наруто|Стальной алхимик|Новая папка|Клинок, рассекающий демонов";

const rows = (encoding: string, ...texts: string[]): [string, string][] =>
  texts.flatMap((text) => text.split("|")).map((text) => [encoding, text]);

const eastAsian = Object.entries(titles).flatMap(([encoding, text]) => rows(encoding, text));

test.each([...eastAsian, ...rows("windows-1252", western, onlyInText), ...rows("windows-1251", russian)])(
  "a ComicInfo.xml in %s that does not say so has the title %s",
  async (encoding, title) => {
    for (const xml of [
      `<ComicInfo><Title>${title}</Title></ComicInfo>`,
      // Declared as UTF-8, and not.
      `<?xml version="1.0" encoding="utf-8"?>\n<ComicInfo>\n  <Title>${title}</Title>\n  <PageCount>20</PageCount>\n</ComicInfo>\n`,
    ])
      expect(await decodeText(encode(xml, encoding))).toBe(xml);
  },
);

test.each([...eastAsian, ...rows("cp437", western), ...rows("ibm866", russian)])(
  "an archive with a name in %s has the folder %s",
  async (encoding, folder) => {
    const names = [1, 2].map((n) => encode(`${folder}/${n}.jpg`, encoding));
    const found = await encodingOfNames(names);
    const expected = encoding === "cp437" ? undefined : encoding;
    expect(found).toBe(expected);
  },
);
