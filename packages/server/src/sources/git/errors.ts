import { type Credential, HitagiError, redact } from "@hitagi/contract";
import { isRetried, PassingFault } from "../../net/http-retry.ts";
import { GitError } from "./run.ts";

interface FailedRun {
  stderr: string;
  status: number | undefined;
  file: string;
  ref: string;
  credential: Credential | undefined;
}

type ErrorRule = [pattern: RegExp, error: (run: FailedRun) => HitagiError];

const unreachable = (reason: string) => () => new HitagiError("SOURCE_UNREACHABLE", { reason });

const credentialError = ({ credential, status, file }: FailedRun): HitagiError =>
  new HitagiError(credential ? "SOURCE_CREDENTIAL_REFUSED" : "SOURCE_CREDENTIAL_NEEDED", {
    status: status ?? "a refusal",
    path: file,
  });

/** The messages of git, curl and ssh in the C locale, with their errors. The first match wins. */
const RULES: readonly ErrorRule[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/,
    () => new HitagiError("SOURCE_HOST_KEY_CHANGED"),
  ],
  [/returned error: 429/, () => new HitagiError("SOURCE_RATE_LIMITED", { until: "for now" })],
  [
    /returned error: 404|epository .*not found|does not appear to be a git repository/,
    () => new HitagiError("SOURCE_REPOSITORY_MISSING"),
  ],
  [
    /returned error: 40[13]|Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Permission denied|Load key .*(?:invalid format|libcrypto)/,
    credentialError,
  ],
  [
    /returned error: 3\d\d/,
    () => new HitagiError("SOURCE_REDIRECT", { reason: "git is not sent elsewhere" }),
  ],
  [/returned error: \d+/, ({ status = 0, file }) => new HitagiError("SOURCE_STATUS", { status, path: file })],
  [
    /certificate|SSL peer|server verification failed/i,
    () =>
      new HitagiError("SOURCE_CERTIFICATE", { reason: "its certificate is not one that is trusted here" }),
  ],
  [
    /unadvertised object|not our ref|couldn't find remote ref/,
    ({ ref }) => new HitagiError("SOURCE_REF_MISSING", { ref }),
  ],
  [
    /Could not resolve (?:host|proxy)|Name or service not known|Temporary failure in name/,
    unreachable("the host name is not known"),
  ],
  [/Connection refused|Failed to connect|Couldn't connect/, unreachable("the connection was refused")],
  [/timed out|Operation too slow/, unreachable("the connection took too long")],
  [/No space left on device/, unreachable("this machine's disk is full")],
  [
    /[Oo]ut of memory|malloc failed|mmap failed|Cannot allocate memory|died of signal 25|File too large/,
    () => new HitagiError("SOURCE_UNREACHABLE", { reason: "git would need too much memory or disk for it" }),
  ],
  [/cannot run ssh/, unreachable("the program ssh is not installed here")],
];

/** Git's message without the secret, for the log. */
const redacted = (stderr: string, credential: Credential | undefined): string => {
  if (!credential) return redact(stderr);
  const { kind, secret } = credential;
  const password = kind === "password" ? secret.slice(secret.indexOf(":") + 1) : "";
  const secrets = [secret, password].filter((text) => text !== "");
  return redact(secrets.reduce((text, one) => text.replaceAll(one, "***"), stderr));
};

/** Translates a GitError; a PassingFault where the host's status says that a retry makes sense. */
export const toSourceError = (
  error: unknown,
  run: Pick<FailedRun, "file" | "ref" | "credential">,
): unknown => {
  if (!(error instanceof GitError)) return error;
  const { stderr } = error;
  const statusText = /returned error: (\d{3})/.exec(stderr)?.[1];
  const status = statusText === undefined ? undefined : Number(statusText);
  const failed = { ...run, stderr, status };
  const rule = RULES.find(([pattern]) => pattern.test(stderr));
  const fault = rule?.[1](failed) ?? unreachable("git could not read it; the log says what git wrote")();
  fault.cause = new Error(redacted(stderr, run.credential).trim());
  return status !== undefined && isRetried(status) ? new PassingFault(fault) : fault;
};
