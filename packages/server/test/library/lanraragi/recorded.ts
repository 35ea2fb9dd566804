import { createHash } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { httpServer } from "../../support/http-server.ts";

/** An archive as the server of these tests has it, in the shapes of LANraragi's answers. */
export interface Recorded {
  arcid: string;
  title: string;
  tags: string;
  summary: string | null;
  filename: string;
  extension: string;
  /** Older versions write these as text. */
  isnew: string;
  pagecount: number | string;
  progress: number;
  lastreadtime: number;
  size?: number;
}

/** What the server does with a request instead of answering it. */
export type Quirk = (request: IncomingMessage, response: ServerResponse) => void;

export interface RecordedServer {
  address: string;
  archives: Map<string, Recorded>;
  files: Map<string, Buffer>;
  /** Pages of archives that only the server can open. */
  pages: Map<string, Map<string, Buffer>>;
  /** Every request, as `GET /api/archives`. */
  asked: string[];
  /** The next requests whose method and path begin with `call` get these, one each. */
  next(call: string, ...quirks: Quirk[]): void;
  /** Removes all quirks. */
  clear(): void;
  add(filename: string, bytes: Buffer, more?: Partial<Recorded>): string;
}

export const KEY = "recorded key";

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json;charset=UTF-8" });
  response.end(JSON.stringify(body));
};

/** Answers with a status, as a failing handler of LANraragi or a proxy in front of it does. */
export const failing =
  (status: number, headers: Record<string, string> = {}, body = ""): Quirk =>
  (request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  };

const refusal = (operation: string, error: string) => ({ operation, error, success: 0 });

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const sha1 = (bytes: Buffer): string => createHash("sha1").update(bytes).digest("hex");

/** The parts of an upload's form. */
const formOf = async (request: IncomingMessage): Promise<FormData> => {
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  return new Response(new Uint8Array(await bodyOf(request)), { headers }).formData();
};

/**
 * A server that answers as LANraragi does, in response shapes that this project recorded. It covers differences between versions
 * and behaviour that Hitagi's own responses do not have.
 */
export const recordedLanraragi = async (): Promise<RecordedServer> => {
  const archives = new Map<string, Recorded>();
  const files = new Map<string, Buffer>();
  const pages = new Map<string, Map<string, Buffer>>();
  const asked: string[] = [];
  const quirks: [call: string, quirk: Quirk][] = [];

  const add: RecordedServer["add"] = (filename, bytes, more = {}) => {
    const dot = filename.lastIndexOf(".");
    const arcid = sha1(bytes.subarray(0, 512_000));
    const name = filename.slice(0, dot);
    archives.set(arcid, {
      ...{ arcid, title: name, tags: "", summary: "", filename: name, extension: filename.slice(dot + 1) },
      ...{ isnew: "true", pagecount: 2, progress: 0, lastreadtime: 0, size: bytes.length },
      ...more,
    });
    files.set(arcid, bytes);
    return arcid;
  };

  const upload = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = await formOf(request);
    const file = form.get("file") as File;
    const bytes = Buffer.from(await file.arrayBuffer());
    const id = sha1(bytes.subarray(0, 512_000));
    if (form.get("file_checksum") !== sha1(bytes))
      return json(response, 417, refusal("upload", "Checksum mismatch."));
    if (archives.has(id)) return json(response, 409, { ...refusal("upload", "This file exists."), id });
    if (!/\.(zip|cbz|rar|cbr|7z|pdf)$/.test(file.name))
      return json(response, 415, refusal("upload", "Unsupported."));
    const text = (name: string) => String(form.get(name) ?? "");
    add(file.name, bytes, { title: text("title"), tags: text("tags"), summary: text("summary") });
    json(response, 200, { operation: "upload", success: 1, id, error: null });
  };

  /** The response to one archive's call: bytes, or a value to send as JSON. */
  const ofArchive = (archive: Recorded, call: string, url: URL): Buffer | unknown => {
    const { arcid: id } = archive;
    const inside = pages.get(id) ?? new Map<string, Buffer>();
    const addressOf = (name: string) => `./api/archives/${id}/page?path=${encodeURIComponent(name)}`;
    switch (call) {
      case "PUT metadata":
        for (const field of ["title", "tags", "summary"] as const) {
          archive[field] = url.searchParams.get(field) ?? archive[field] ?? "";
        }
        return { operation: "update_metadata", success: 1, error: null };
      case "DELETE ":
        archives.delete(id);
        return { operation: "delete_archive", success: 1, id, filename: archive.filename };
      case "GET files":
        return { job: 7, pages: [...inside.keys()].map(addressOf) };
      case "GET page":
        return inside.get(url.searchParams.get("path") ?? "");
      case "GET download":
        return files.get(id);
      default:
        return archive;
    }
  };

  const sendBytes = (bytes: Buffer, request: IncomingMessage, response: ServerResponse): void => {
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = from > 0 && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(from > 0 ? 206 : 200, { "content-length": bytes.length - from, ...range });
    response.end(bytes.subarray(from));
  };

  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url ?? "/", "http://recorded");
    const call = `${request.method} ${url.pathname}`;
    asked.push(call);
    const at = quirks.findIndex(([wanted]) => call.startsWith(wanted));
    if (at >= 0) return quirks.splice(at, 1)[0]?.[1](request, response);
    const key = `Bearer ${Buffer.from(KEY).toString("base64")}`;
    // As with its no-fun mode off: reads need no key, only changes do.
    if (request.method !== "GET" && request.headers.authorization !== key) {
      request.resume();
      return json(response, 401, refusal("", "This API is protected and requires login or an API Key."));
    }
    if (url.pathname === "/api/info")
      return json(response, 200, { name: "LANraragi", total_archives: archives.size });
    if (url.pathname === "/api/archives") return json(response, 200, [...archives.values()]);
    if (call === "PUT /api/archives/upload") return void upload(request, response);
    const [, id = "", rest = ""] = /^\/api\/archives\/([0-9a-f]{40})\/?(.*)$/.exec(url.pathname) ?? [];
    const archive = archives.get(id);
    // LANraragi answers an unknown id this way, not with 404.
    if (!archive) return json(response, 400, refusal(rest, "This ID doesn't exist on the server."));
    const answer = ofArchive(archive, `${request.method} ${rest}`, url);
    if (Buffer.isBuffer(answer)) sendBytes(answer, request, response);
    else json(response, 200, answer);
  };

  const address = await httpServer(listener);
  return {
    ...{ address, archives, files, pages, asked, add },
    clear: () => void quirks.splice(0),
    next: (call, ...more) => void quirks.push(...more.map((quirk): [string, Quirk] => [call, quirk])),
  };
};
