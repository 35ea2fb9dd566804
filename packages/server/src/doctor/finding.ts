import { ApiError, type Client, type DoctorFinding, isHitagiError, quoteForeign } from "@hitagi/contract";
import type { Config } from "../config/config.ts";
import type { BadRecord } from "../store/types.ts";

export type Finding = DoctorFinding;
export type State = Finding["state"];

/** A server that answers. */
export interface ServerAccess {
  version: string;
  /** Undefined if the server refuses the key. */
  client: Client | undefined;
}

/** What is checked. */
export interface Target {
  config: Config;
  /** The address at which a server was looked for; undefined if it answers at the Unix socket of the data folder. */
  address: string | undefined;
  server: ServerAccess | undefined;
  /** The id of the process that holds the data folder: `unknown` if its lock does not say, undefined if none does. */
  holder: string | undefined;
}

export type Check = (target: Target) => Promise<Finding[]>;

const finding =
  (state: State) =>
  (check: string, text: string, hint?: string): Finding => ({ check, state, text, hint });

export const ok = finding("ok");
export const note = finding("note");
export const wrong = finding("wrong");
export const skipped = finding("skipped");

/** The finding for an error of Hitagi or of its server. Throws other errors. */
export const failed = (check: string, e: unknown): Finding => {
  if (isHitagiError(e) || e instanceof ApiError) return wrong(check, quoteForeign(e.code, e.message), e.hint);
  throw e;
};

/** Bad records that are shown one by one. */
const MAX_SHOWN = 20;

/** The findings for records that cannot be used. */
export const badRecordFindings = (records: readonly BadRecord[]): Finding[] => [
  ...records
    .slice(0, MAX_SHOWN)
    .map(({ place, reason, remove }) =>
      wrong(
        "records",
        `A record cannot be used and is left out: ${place}: ${reason}`,
        `Correct it, or delete it: ${remove}`,
      ),
    ),
  ...(records.length > MAX_SHOWN
    ? [wrong("records", `${records.length - MAX_SHOWN} more records cannot be used`, "Mend these first.")]
    : []),
];
