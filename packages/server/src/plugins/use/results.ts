import { type ArchiveTexts, cleanTexts, HitagiError } from "@hitagi/contract";
import { type Static, type TSchema, Type } from "typebox";
import { lazySchema } from "../../lazy-schema.ts";
import { joinTags, splitTags, storedText } from "../../library/tags.ts";
import type { Findings, Permitted } from "../../policy/types.ts";
import type { LoginSession } from "../../runtimes/types.ts";
import type { ActivePlugin } from "../types.ts";

/** Tags in one result, after texts with several tags are split. */
const MAX_TAGS = 5000;

const Tags = Type.Union([
  Type.Array(Type.String({ maxLength: 4096 }), { maxItems: MAX_TAGS }),
  Type.String({ maxLength: 1_000_000 }),
]);

const MetadataResult = Type.Object({
  tags: Type.Optional(Tags),
  title: Type.Optional(Type.String({ maxLength: 4096 })),
  summary: Type.Optional(Type.String({ maxLength: 65_536 })),
});

const DownloadResult = Type.Object({ downloadUrl: Type.String({ minLength: 1, maxLength: 8192 }) });

const LoginResult = Type.Object({
  cookies: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String({ minLength: 1, maxLength: 4096 }),
        value: Type.String({ maxLength: 16_384 }),
        domain: Type.String({ minLength: 1, maxLength: 253 }),
        path: Type.Optional(Type.String({ maxLength: 4096 })),
        secure: Type.Optional(Type.Boolean()),
      }),
      { maxItems: 256 },
    ),
  ),
  headers: Type.Optional(
    Type.Record(
      Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }),
      Type.String({ pattern: "^[\\t\\x20-\\x7e\\x80-\\xff]*$", maxLength: 16_384 }),
      // Without this, a name that breaks the pattern would be allowed.
      { additionalProperties: false },
    ),
  ),
});

const reader = <S extends TSchema>(schema: S, entry: string) => {
  const compiled = lazySchema(schema);
  return ({ namespace }: Pick<ActivePlugin, "namespace">, value: unknown): Static<S> => {
    if (compiled().Check(value)) return value as Static<S>;
    const [fault] = compiled().Errors(value);
    const where = fault === undefined ? "" : ` ${fault.instancePath || "value"} ${fault.message}`;
    const reason = `${namespace} returned something that is no answer of ${entry}:${where}`;
    throw new HitagiError("PLUGIN_FAILED", { namespace, reason });
  };
};

const readMetadata = reader(MetadataResult, "getTags");
const readDownload = reader(DownloadResult, "provideUrl");
const readLogin = reader(LoginResult, "login");

/** Text on one line; undefined if it is empty. */
const line = (text: string | undefined): string | undefined =>
  storedText(text ?? "")
    .replace(/\s+/g, " ")
    .trim() || undefined;

/** The number of tags in the texts, without splitting them. */
const countTags = (texts: readonly string[]): number =>
  texts.reduce((n, text) => n + (text.match(/,/g)?.length ?? 0) + 1, 0);

/** @throws HitagiError PLUGIN_FAILED */
export const findingsOf = (plugin: Pick<ActivePlugin, "namespace">, value: unknown): Findings => {
  const { tags = [], title, summary } = readMetadata(plugin, value);
  const texts = [tags].flat();
  if (countTags(texts) > MAX_TAGS) {
    const { namespace } = plugin;
    const reason = `${namespace} returned more than ${MAX_TAGS} tags`;
    throw new HitagiError("PLUGIN_FAILED", { namespace, reason });
  }
  const newTitle = line(title);
  const newSummary = storedText(summary ?? "").trim() || undefined;
  return {
    tags: texts.flatMap(splitTags),
    ...(newTitle !== undefined && { title: newTitle }),
    ...(newSummary !== undefined && { summary: newSummary }),
  };
};

/** Whether a plugin found something, also if the archive has it already. */
export const isHit = ({ tags, title, summary }: Findings): boolean =>
  tags.length > 0 || title !== undefined || summary !== undefined;

/** Adds the tags, and replaces the title and the summary. */
export const merged = (now: ArchiveTexts, { tags, ...texts }: Findings): ArchiveTexts => ({
  ...now,
  ...texts,
  ...(tags.length > 0 && { tags: joinTags([...splitTags(now.tags), ...tags]) }),
});

/** What may be written, as LANraragi's clients read it: `new_tags` is ` a, b`. */
export const wireFindings = ({ findings: { tags, ...texts }, heldBack }: Permitted) => ({
  new_tags: tags.map((tag) => ` ${tag}`).join(","),
  ...texts,
  ...(heldBack.length > 0 && { heldBack }),
});

/** The address from a download plugin. @throws HitagiError PLUGIN_FAILED */
export const downloadUrlOf = (plugin: Pick<ActivePlugin, "namespace">, value: unknown): string =>
  readDownload(plugin, value).downloadUrl;

/**
 * The session from a login plugin, limited to the hosts that it was granted. A Perl login reaches any host and seldom
 * names them: its session is then limited to the hosts of its cookies. @throws HitagiError PLUGIN_FAILED
 */
export const sessionOf = (
  plugin: Pick<ActivePlugin, "namespace" | "runtime" | "granted">,
  value: unknown,
): LoginSession => {
  const { cookies = [], headers = {} } = readLogin(plugin, value);
  const hosts = plugin.granted.net ?? [];
  if (plugin.runtime !== "perl" || hosts.length > 0) return { cookies, headers, hosts };
  const domains = cookies.flatMap(({ domain }) =>
    domain.startsWith(".") ? [domain.slice(1), `*${domain}`] : [domain],
  );
  return { cookies, headers, hosts: [...new Set(domains)], anyHost: true };
};

/** What a script returned, as an object. */
export const scriptData = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? cleanTexts(value)
    : { result: cleanTexts(value) ?? null };
