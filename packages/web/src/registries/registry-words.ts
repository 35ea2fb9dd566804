import { ApiError } from "@hitagi/contract";
import type { CallOutput } from "../app/client.ts";
import { hasText, type Translate } from "../texts/texts.ts";

export type Registry = CallOutput<"listRegistries">["registries"][number];

/** Where a registry is, on one line. */
export const addressOf = ({
  url,
  path,
  ref,
  folder,
}: Pick<Registry, "url" | "path" | "ref" | "folder">): string =>
  [url ?? path ?? "", ref && ref !== "HEAD" ? `#${ref}` : "", folder ? ` · ${folder}` : ""].join("");

/** A stored failure as the error that its call would give. What the person can do about a head is said for the page. */
export const failureOf = (
  { code, error, hint }: NonNullable<Registry["failure"]>,
  t: Translate,
): ApiError => {
  const id = `registries.do.${code}`;
  return new ApiError(502, { code, error, hint: hasText(id) ? t(id) : hint });
};

/** Failures that another key, or none, would cure: the owner compares the keys. */
export const isAboutKeys = (code: string | undefined): boolean =>
  code === "RECOVERY_KEY_CHANGED" || code === "SIGNATURE_MISSING" || code === "ORIGIN_CHANGED";
