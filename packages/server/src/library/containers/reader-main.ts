// The reader process: it opens archives that the server does not read itself.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { answerServer } from "../../child-process/answer-server.ts";
import {
  type ByteSource,
  type FromReader,
  type OpenContainer,
  ReaderFault,
  type RequestedFile,
  type ToReader,
} from "./reader-protocol.ts";
import { openTar } from "./tar-container.ts";
import { zipOfEntry } from "./zip-of-entry.ts";

interface Opened {
  identity: string;
  container: OpenContainer;
  fd: number;
}

/** The archive of the last request: its next page is read next. */
let opened: Opened | undefined;

const closeOpened = async (): Promise<void> => {
  const last = opened;
  opened = undefined;
  await last?.container.close();
  if (last) closeSync(last.fd);
};

const openContainer = async (
  source: ByteSource,
  { format, entry }: Pick<RequestedFile, "format" | "entry">,
): Promise<OpenContainer> => {
  if (format === "pdf") return (await import("./pdf-container.ts")).openPdf(source);
  if (format === "tar") return openTar(source);
  const { openSevenZip } = await import("./seven-zip-container.ts");
  return openSevenZip(entry ? zipOfEntry(source, entry) : source, format);
};

/** Differs for every container. */
const identityOf = ({ identity, entry }: RequestedFile): string => `${identity} ${entry?.position ?? ""}`;

const open = async (request: RequestedFile): Promise<Opened> => {
  const fd = openSync(request.path, "r");
  try {
    const { size } = fstatSync(fd);
    const source = {
      size,
      read: (into: Uint8Array, position: number) => readSync(fd, into, 0, into.length, position),
    };
    const container = await openContainer(source, request);
    return { identity: identityOf(request), container, fd };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
};

const read = async (request: ToReader): Promise<FromReader> => {
  if (opened?.identity !== identityOf(request)) {
    await closeOpened();
    opened = await open(request);
  }
  const { container } = opened;
  return request.kind === "entries"
    ? { kind: "entries", entries: await container.entries() }
    : { kind: "bytes", bytes: await container.read(request.name, request.maxBytes) };
};

answerServer<ToReader, FromReader>(import.meta.url, () => async (request) => {
  try {
    return await read(request);
  } catch (error) {
    if (!(error instanceof ReaderFault)) throw error;
    return { kind: "fault", code: error.code, reason: error.message };
  }
});
