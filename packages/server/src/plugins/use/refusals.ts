import { HitagiError, isHitagiError, type Namespace, redact } from "@hitagi/contract";
import type { SiteRefusal } from "../../runtimes/types.ts";
import type { ActivePlugin, UseRequest } from "../types.ts";

/** Why further calls of a plugin would fail as well. */
export interface Refusal {
  code: "PLUGIN_LIMITED" | "LOGIN_FAILED";
  /** For people. */
  reason: string;
  /** Seconds until the next call may work, where they are known. */
  retryAfter?: number;
  /** Whether the archive may be the cause, and others may work. */
  ofArchive?: true;
}

/** What a plugin says itself where a site refuses its requests, most often in Perl, whose requests are encrypted. */
const LIMITED = [
  /\b(?:banned|rate[ -]?limit(?:ed|ing|s)?|too many requests|throttl(?:ed|ing)|slow down)\b/i,
  /\btemporarily (?:blocked|unavailable)\b/i,
  /\bexcessive (?:pageloads|requests)\b/i,
  /\b(?:limit|quota) (?:was |is |has been )?(?:reached|exceeded|exhausted|hit)\b/i,
  /\b(?:reached|exceeded|hit) (?:the|your|its|our) [a-z ]{0,30}(?:limit|quota)\b/i,
  /\b(?:http|status|error|code|answered|returned)[ :]*(?:code[ :]*)?(?:429|503)\b/i,
];

const LOGGED_OUT = [
  /\b(?:not|no longer) logged in\b/i,
  /\blog[ -]?in (?:failed|expired|required|is required|needed)\b/i,
  /\b(?:session|cookies?|credentials?|password) (?:has |have |is |are )?(?:expired|invalid|wrong|rejected|refused)\b/i,
];

/** The host's own limits on a plugin, which no waiting changes. */
const OWN_LIMIT = "The plugin exceeded a limit";

const UNITS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/** Seconds that a text names as the time to wait: `expires in 59 minutes and 48 seconds`. */
const waitIn = (text: string): number | undefined => {
  const [, span = ""] = /(?:expires?|again|retry|wait)(?: in| after| for)? ([^.;]{1,80})/i.exec(text) ?? [];
  const parts = [...span.matchAll(/(\d{1,6}) ?(second|minute|hour|day)/gi)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, n, unit = ""]) => sum + Number(n) * (UNITS[unit.toLowerCase()] ?? 0), 0);
};

const siteReason = ({ host, status }: SiteRefusal): string => `${host} answered ${status}`;

const matches = (patterns: readonly RegExp[], text: string): boolean =>
  !text.includes(OWN_LIMIT) && patterns.some((pattern) => pattern.test(text));

const loginFailed = (login: Namespace, error: unknown): Refusal => {
  const why = isHitagiError(error) ? redact(error.message) : "the server's log says why";
  return { code: "LOGIN_FAILED", reason: new HitagiError("LOGIN_FAILED", { login, reason: why }).message };
};

/** Watches one call for refusals. */
export const createRefusalWatch = ({ manifest }: Pick<ActivePlugin, "manifest">) => {
  let site: SiteRefusal | undefined;
  let login: Refusal | undefined;
  const { login_from: loginFrom } = manifest;

  const ofSite = (refusal: SiteRefusal): Refusal => ({
    code: "PLUGIN_LIMITED",
    reason: siteReason(refusal),
    ...(refusal.retryAfter !== undefined && { retryAfter: refusal.retryAfter }),
    ...(refusal.status !== 429 && { ofArchive: true as const }),
  });

  return {
    /** For the request of the call. */
    observer: {
      onRefused: (refusal) => {
        site = refusal;
      },
      onLoginFailed: (namespace, error) => {
        login ??= loginFailed(namespace, error);
      },
    } satisfies Pick<UseRequest, "onRefused" | "onLoginFailed">,
    /** Why the call failed, if further calls would fail as well. */
    afterFailure: (error: unknown): Refusal | undefined => {
      if (login) return login;
      if (!isHitagiError(error, "PLUGIN_FAILED")) return undefined;
      const { message } = error;
      if (loginFrom && (site?.status === 401 || matches(LOGGED_OUT, message)))
        return loginFailed(loginFrom, error);
      if (site && site.status !== 401) return ofSite(site);
      if (!matches(LIMITED, message)) return undefined;
      const retryAfter = waitIn(message);
      return {
        code: "PLUGIN_LIMITED",
        reason: redact(message),
        ...(retryAfter !== undefined && { retryAfter }),
      };
    },
    /** The same for a call that found nothing: many plugins take a refusal for that. */
    afterNothing: (): Refusal | undefined =>
      login ??
      (site && (site.status === 429 || site.status === 503)
        ? { ...ofSite(site), ofArchive: true }
        : undefined),
  };
};
