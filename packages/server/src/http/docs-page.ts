import swagger, { type StaticDocumentSpec } from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import Fastify from "fastify";
import { etagOf } from "./etag.ts";
import { noCompilers } from "./no-compilers.ts";

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join("; ");

/** A file of the page. All its answers send the same bytes, however many there are. */
export interface DocsFile {
  headers: Readonly<Record<string, string>>;
  bytes: Buffer;
  etag: string;
}

/** The files of the page of the API. */
export interface DocsPage {
  /** Loads a file when it is first asked for, once. Undefined where there is none. */
  fileAt(path: string): Promise<DocsFile | undefined>;
  close(): Promise<void>;
}

/** Paths that name a file in one way only, so that no more of them are kept than there are files. */
const PLAIN_PATH = /^(\/[\w-][\w.-]*)+\/?$/;

/** The headers of a file that are sent with it. */
const KEPT_HEADERS = ["content-type", "content-security-policy"];

/** @param document the OpenAPI document @param routePrefix the address of the page */
export const createDocsPage = async (document: object, routePrefix: string): Promise<DocsPage> => {
  // An app of its own, which does not listen.
  const app = Fastify({ exposeHeadRoutes: false, schemaController: noCompilers });
  // The plugin's types do not know OpenAPI 3.1.
  const specification = { document } as unknown as StaticDocumentSpec;
  await app.register(swagger, { mode: "static", specification });
  await app.register(swaggerUi, {
    routePrefix,
    // This layout has no top bar, which shows other projects' logos.
    uiConfig: { validatorUrl: null, layout: "BaseLayout" },
    logo: { type: "image/svg+xml", content: "" },
    staticCSP: policy,
    theme: { title: "Hitagi: the calls of the API" },
  });
  await app.ready();

  const files = new Map<string, Promise<DocsFile | undefined>>();
  const load = async (path: string): Promise<DocsFile | undefined> => {
    const { statusCode, headers, rawPayload: bytes } = await app.inject({ method: "GET", url: path });
    if (statusCode !== 200) {
      files.delete(path);
      return undefined;
    }
    const kept = KEPT_HEADERS.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : []));
    return { headers: Object.fromEntries(kept), bytes, etag: etagOf(bytes) };
  };
  return {
    fileAt: async (path) => {
      if (!PLAIN_PATH.test(path)) return undefined;
      const file = files.get(path) ?? load(path);
      files.set(path, file);
      return file;
    },
    close: () => app.close(),
  };
};
