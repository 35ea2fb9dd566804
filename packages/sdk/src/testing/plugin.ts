import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Manifest } from "../manifest.ts";
import { archiveBytes, type TestArchive, type TestFile } from "./archive.ts";
import { program } from "./program.ts";

/** An answer of a site. The first that fits a request is given; one that fits several is given each time. */
export interface HttpAnswer {
  /** `GET` by default. */
  method?: string;
  /** With its query. */
  url: string;
  /** 200 by default. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** The body: one of these, or none. */
  json?: unknown;
  text?: string;
  base64?: string;
}

/** One run of a plugin. */
export interface TestRun {
  /** For a metadata plugin: a made archive, a file, or its path relative to the plugin. */
  archive?: TestArchive | TestFile | string;
  /** Further archives in the library. */
  library?: readonly (TestArchive | TestFile)[];
  /** Files and folders that its owner granted it to read, relative to the plugin. */
  files?: readonly string[];
  settings?: Readonly<Record<string, boolean | number | string>>;
  /** The one-shot argument. */
  arg?: string;
  /** The address, for a download plugin. */
  url?: string;
  /** What sites answer. A request without an answer here or in the recording fails. */
  http?: readonly HttpAnswer[];
  /** The recording, relative to the plugin; by default `recordings/<name>.json`, if it is there. */
  recording?: string;
  /** Milliseconds; 60,000 by default. */
  timeoutMs?: number;
}

/** A request that a plugin made. */
export interface TestRequest {
  method: string;
  /** Without its query. */
  url: string;
  /** The status, or the code of the refusal. */
  outcome: number | string;
}

/** What one run did. */
export interface TestResult {
  /** Of a metadata plugin, as a server keeps them; otherwise empty. */
  tags: string[];
  title: string | undefined;
  summary: string | undefined;
  /** What the plugin returned, checked as a server checks it. */
  value: unknown;
  requests: TestRequest[];
  log: { level: string; text: string }[];
  /** What it changed in the library. */
  changes: { id: string; title?: string; tags?: string; summary?: string }[];
  /** Addresses that a script handed to downloads. */
  added: string[];
  /** Milliseconds. */
  ms: number;
}

/** Why a plugin failed. */
export class PluginFailure extends Error {
  /** As in the API: `PLUGIN_FAILED`, `PLUGIN_TIMEOUT`, `CAPABILITY_DENIED`. */
  readonly code: string;
  /** What the run did before. */
  readonly requests: readonly TestRequest[];
  constructor(message: string, code: string, requests: readonly TestRequest[], stack: string | null) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.requests = requests;
    if (stack) this.stack = `${this.name}: ${message}\n${stack}`;
  }
}

/** A plugin in the sandbox. */
export interface TestedPlugin {
  readonly manifest: Manifest;
  /** @throws PluginFailure where the plugin fails; Error where it cannot be run */
  run(given?: TestRun): Promise<TestResult>;
}

interface Report {
  result: { tags?: string[]; title?: string; summary?: string } | null;
  failure: { code: string; message: string; stack: string | null } | null;
  requests: TestRequest[];
  log: TestResult["log"];
  changes: TestResult["changes"];
  added: string[];
  ms: number;
}

const sentArchive = (archive: TestArchive | TestFile | string, folder: string): object => {
  if (typeof archive === "string") return { file: path.resolve(folder, archive) };
  const { title, tags, summary } = archive;
  if ("file" in archive) return { file: path.resolve(folder, archive.file), title, tags, summary };
  const base64 = Buffer.from(archiveBytes(archive)).toString("base64");
  return { name: archive.name ?? "archive.cbz", title, tags, summary, base64 };
};

const exchangeOf = ({
  method = "GET",
  url,
  status = 200,
  headers = {},
  json,
  text,
  base64,
}: HttpAnswer): object => {
  const body =
    json !== undefined
      ? { json }
      : text !== undefined
        ? { text }
        : base64 !== undefined
          ? { base64 }
          : undefined;
  const type = json === undefined ? {} : { "content-type": "application/json" };
  return { method, url, status, headers: { ...type, ...headers }, ...(body && { body }) };
};

const requestsOf = ({ requests }: Report): TestRequest[] =>
  requests.map(({ method, url, outcome }) => ({ method, url, outcome }));

/**
 * Loads a plugin in the sandbox of a server, with its npm packages, as an install does.
 * @param file the path of its source, relative to the current folder, or its address: `new URL("./x.ts", import.meta.url)`
 * @throws Error with the place and the cure, where it does not load
 */
export const openPlugin = async (file: string | URL): Promise<TestedPlugin> => {
  const source = path.resolve(file instanceof URL || file.startsWith("file:") ? fileURLToPath(file) : file);
  const folder = path.dirname(source);
  const host = program(source);
  const manifest = (await host.ask({ load: source })) as Manifest;
  const usual = path.join(folder, "recordings", `${path.parse(source).name}.json`);
  return {
    manifest,
    run: async ({ archive, library = [], files = [], http = [], recording, ...given } = {}) => {
      const kept = recording === undefined ? existsSync(usual) && usual : path.resolve(folder, recording);
      const report = (await host.ask({
        run: source,
        ...given,
        ...(archive !== undefined && { archive: sentArchive(archive, folder) }),
        library: library.map((one) => sentArchive(one, folder)),
        files: files.map((one) => path.resolve(folder, one)),
        http: http.map(exchangeOf),
        ...(kept && { recording: kept }),
      })) as Report;
      const { result, failure, log, changes, added, ms } = report;
      const requests = requestsOf(report);
      if (failure) throw new PluginFailure(failure.message, failure.code, requests, failure.stack);
      const { tags = [], title, summary } = manifest.type === "metadata" ? (result ?? {}) : {};
      return { tags, title, summary, value: result, requests, log, changes, added, ms };
    },
  };
};
