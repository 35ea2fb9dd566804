import { HitagiError } from "@hitagi/contract";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { createByteLimit } from "../../async/byte-limit.ts";
import { discardBody } from "../../net/response-headers.ts";
import type { ArchiveEntry } from "../types.ts";
import { notLanraragi } from "./faults.ts";
import type { LanraragiServer } from "./server.ts";

const Files = Type.Object({ pages: Type.Array(Type.String()) });

/** The page's name in an address such as `./api/archives/<id>/page?path=01.jpg`. */
const pageIn = (address: string): string | undefined => {
  const base = "http://library.invalid/";
  return URL.canParse(address, base)
    ? (new URL(address, base).searchParams.get("path") ?? undefined)
    : undefined;
};

/**
 * The pages of archives that only LANraragi can open (rar, 7z, pdf and others). It shows their images and nothing else.
 */
export const createPages = (server: LanraragiServer) => {
  const names = async (id: string): Promise<string[]> => {
    const { body } = await server.json({ method: "GET", path: `archives/${id}/files`, id });
    if (!Value.Check(Files, body)) throw notLanraragi("its list of an archive's pages has another shape");
    return body.pages.flatMap((address) => pageIn(address) ?? []);
  };
  return {
    /** The sizes are 0, because they are unknown before a read. */
    entries: async (id: string): Promise<ArchiveEntry[]> =>
      (await names(id)).map((name) => ({ name, size: 0 })),
    /** @throws HitagiError ENTRY_NOT_FOUND, ENTRY_TOO_LARGE */
    read: async (id: string, name: string, maxBytes: number): Promise<Buffer> => {
      if (!(await names(id)).includes(name)) throw new HitagiError("ENTRY_NOT_FOUND", { name });
      const path = `archives/${id}/page?${new URLSearchParams({ path: name })}`;
      const { body, length: bytes = 0 } = await server.file({ method: "GET", path, id });
      const tooLarge = () => new HitagiError("ENTRY_TOO_LARGE", { name, limit: maxBytes });
      if (bytes > maxBytes) {
        discardBody(body);
        throw tooLarge();
      }
      const chunks: Buffer[] = [];
      for await (const chunk of createByteLimit(maxBytes, tooLarge).pass(body)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
};
