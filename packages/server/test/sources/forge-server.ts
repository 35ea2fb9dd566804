import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import path from "node:path";
import type { Authority } from "../support/authority.ts";
import { answerByGit } from "../support/git-http-backend.ts";
import { makeRepository } from "../support/git-repository.ts";
import { httpsServer } from "../support/http-server.ts";
import { tempFolder } from "../support/temp-folder.ts";

export type ForgeName = "github" | "gitlab" | "gitea";

/** A file that a forge is asked for at its raw endpoint; no ref is the default branch. */
interface Asked {
  project: string;
  ref: string | undefined;
  file: string;
}

const decode = (text = ""): string => decodeURIComponent(text);
const decodeAll = (text = ""): string => text.split("/").map(decode).join("/");

/** How each forge's documentation says that its raw endpoint is asked; written apart from the driver on purpose. */
const readers: Record<ForgeName, (url: URL) => Asked | undefined> = {
  github: ({ pathname }) => {
    const [, owner, repo, ref, file] = /^\/raw\/([^/]+)\/([^/]+)\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
    return file ? { project: `${owner}/${repo}`, ref: decode(ref), file: decodeAll(file) } : undefined;
  },
  gitlab: ({ pathname, searchParams }) => {
    const [, project, file] =
      /^(?:\/below)?\/api\/v4\/projects\/([^/]+)\/repository\/files\/([^/]+)\/raw$/.exec(pathname) ?? [];
    const ref = searchParams.get("ref") ?? undefined;
    return file ? { project: decode(project), ref, file: decode(file) } : undefined;
  },
  gitea: ({ pathname, searchParams }) => {
    const [, owner, repo, file] = /^\/api\/v1\/repos\/([^/]+)\/([^/]+)\/raw\/(.+)$/.exec(pathname) ?? [];
    const ref = searchParams.get("ref") ?? undefined;
    return file ? { project: `${owner}/${repo}`, ref, file: decodeAll(file) } : undefined;
  },
};

/** How each takes a token at its raw endpoint. */
const tokenOf: Record<ForgeName, (headers: IncomingMessage["headers"]) => string | undefined> = {
  github: ({ authorization }) => /^(?:token|Bearer) (.+)$/.exec(authorization ?? "")?.[1],
  gitlab: (headers) => headers["private-token"]?.toString(),
  gitea: ({ authorization }) => /^(?:token|Bearer) (.+)$/.exec(authorization ?? "")?.[1],
};

const basicPassword = ({ authorization = "" }: IncomingMessage["headers"]): string | undefined =>
  Buffer.from(authorization.replace(/^Basic /, ""), "base64")
    .toString()
    .split(":")[1];

export interface ForgeServer {
  /** The forge's address. */
  base: string;
  /** Every request, as `<method> <path and query>`. */
  asked: string[];
}

interface ForgeOptions {
  forge: ForgeName;
  authority: Authority;
  folder: string;
  project?: string;
  /** Branches beside `main` on which the files are too. */
  branches?: string[];
  /** Only with this is the repository known at all. */
  token?: string;
  /** Answers instead, where it says so by true. */
  before?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

const send = (bytes: Buffer | undefined, request: IncomingMessage, response: ServerResponse) => {
  if (bytes === undefined) return void response.writeHead(404).end("404: Not Found");
  const etag = `W/"${createHash("sha256").update(bytes).digest("hex")}"`;
  response.setHeader("etag", etag);
  if (request.headers["if-none-match"] === etag) response.writeHead(304).end();
  else response.end(bytes);
};

/** A server that answers over TLS as a forge does: its raw endpoint, and its git endpoint by git itself. */
export const forgeServer = async (options: ForgeOptions): Promise<ForgeServer> => {
  const { forge, folder, project = "owner/repo", branches = [], token, authority } = options;
  const root = await tempFolder();
  let made: ReturnType<typeof makeRepository> | undefined;
  const refs = new Set([undefined, "HEAD", "main", ...branches]);
  const asked: string[] = [];

  const git = async (request: IncomingMessage, response: ServerResponse) => {
    if (token !== undefined && basicPassword(request.headers) !== token) {
      return void response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
    }
    made ??= makeRepository(path.join(root, `${project}.git`));
    const repository = await made;
    if (request.method === "GET")
      for (const branch of ["main", ...branches]) await repository.publish(folder, branch);
    answerByGit(root, request, response);
  };
  const raw = async (request: IncomingMessage, response: ServerResponse) => {
    const found = readers[forge](new URL(request.url ?? "", "https://host"));
    const known = token === undefined || tokenOf[forge](request.headers) === token;
    const isCommit = /^[0-9a-f]{40}$/.test(found?.ref ?? "");
    if (!found || !known || found.project !== project || !(isCommit || refs.has(found.ref))) {
      return void response.writeHead(404).end("404: Not Found");
    }
    const bytes = isCommit
      ? await (await made)?.fileAt(found.ref ?? "", found.file)
      : await readFile(path.join(folder, found.file)).catch(() => undefined);
    send(bytes, request, response);
  };
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (options.before?.(request, response)) return;
    const isGit = /\.git\/(?:info\/refs|git-upload-pack)/.test(request.url ?? "");
    void (isGit ? git : raw)(request, response).catch(() => response.writeHead(500).end());
  };
  return { base: await httpsServer(authority, listener), asked };
};
