import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { onTestFinished } from "vitest";
import { createGitSource, type GitDeps } from "../../src/sources/git.ts";
import { createHttp } from "../../src/sources/http.ts";
import type { Source } from "../../src/sources/types.ts";
import type { Authority } from "../support/authority.ts";
import { answerByGit } from "../support/git-http-backend.ts";
import { makeRepository, type Repository } from "../support/git-repository.ts";
import { httpsServer } from "../support/http-server.ts";
import { sourceDeps } from "../support/source-deps.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** The driver, with a folder of its own. */
export const openGit = async (
  ca?: string,
  change: Partial<GitDeps["git"]> = {},
  proxy?: string,
): Promise<{ source: Source; folder: string }> => {
  const network = { ...(ca && { ca }), ...(proxy && { proxy }) };
  const http = createHttp({ attempts: 1, baseMs: 5 }, network);
  onTestFinished(() => http.close());
  const folder = path.join(await tempFolder(), "with space");
  const deps = sourceDeps(http, folder, network);
  return { source: createGitSource({ ...deps, git: { ...deps.git, ...change } }), folder };
};

export interface GitHost {
  /** Address of the repository. */
  url: string;
  origin: string;
  repository: Repository;
  /** Every request, as `<method> <path and query>`. */
  asked: string[];
}

interface GitHostOptions {
  authority: Authority;
  /** Published before each request, if given. */
  folder?: string;
  /** The password without which nothing is answered. */
  token?: string;
  /** Answers instead, where it says so by true. */
  before?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
}

const passwordOf = ({ headers }: IncomingMessage): string | undefined =>
  Buffer.from((headers.authorization ?? "").replace(/^Basic /, ""), "base64")
    .toString()
    .split(":")[1];

/** A git host over TLS: git's own smart HTTP server, behind basic authentication. */
export const gitHost = async ({ authority, folder, token, before }: GitHostOptions): Promise<GitHost> => {
  const root = await tempFolder();
  const repository = await makeRepository(path.join(root, "group", "repo.git"));
  const asked: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (await before?.(request, response)) return;
    if (token !== undefined && passwordOf(request) !== token) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
      return;
    }
    // A listing begins every read; what follows it is about the same commit.
    if (folder !== undefined && request.method === "GET") await repository.publish(folder);
    answerByGit(root, request, response);
  };
  const origin = await httpsServer(authority, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    void answer(request, response).catch(() => response.writeHead(500).end());
  });
  return { origin, url: `${origin}/group/repo.git`, repository, asked };
};
