import { type Credential, HitagiError, redact } from "@hitagi/contract";
import { isRetried, PassingFault } from "../../net/http-retry.ts";
import { GitFailed } from "./run.ts";

/** What a failure of git is judged by. */
interface Failing {
  written: string;
  status: number | undefined;
  file: string;
  ref: string;
  credential: Credential | undefined;
}

type Judge = [pattern: RegExp, fault: (failing: Failing) => HitagiError];

const unreachable = (reason: string) => () => new HitagiError("SOURCE_UNREACHABLE", { reason });

const credentialFault = ({ credential, status, file }: Failing): HitagiError =>
  new HitagiError(credential ? "SOURCE_CREDENTIAL_REFUSED" : "SOURCE_CREDENTIAL_NEEDED", {
    status: status ?? "a refusal",
    path: file,
  });

/** What git, curl and ssh write in the C locale, and what it means; the first that fits counts. */
const JUDGES: readonly Judge[] = [
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
    credentialFault,
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
  [/cannot run ssh/, unreachable("the program ssh is not installed here")],
];

/** Git's own words without the secret; they may go into the log. */
const told = (written: string, credential: Credential | undefined): string =>
  redact(credential ? written.replaceAll(credential.secret, "***") : written);

/** What a failure of git means: a PassingFault where its web server says that it may be over soon. */
export const gitFault = (error: unknown, about: Pick<Failing, "file" | "ref" | "credential">): unknown => {
  if (!(error instanceof GitFailed)) return error;
  const { written } = error;
  const answered = /returned error: (\d{3})/.exec(written)?.[1];
  const status = answered === undefined ? undefined : Number(answered);
  const failing = { ...about, written, status };
  const judge = JUDGES.find(([pattern]) => pattern.test(written));
  const fault = judge?.[1](failing) ?? unreachable("git could not read it; the log says what git wrote")();
  fault.cause = new Error(told(written, about.credential).trim());
  return status !== undefined && isRetried(status) ? new PassingFault(fault) : fault;
};
