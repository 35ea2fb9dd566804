import type { Client } from "@hitagi/contract";
import type { Config } from "../config/config.ts";

/** `note` is worth knowing and keeps nothing from working; `skipped` could not be looked at, and says why. */
export type State = "ok" | "note" | "wrong" | "skipped";

/** What one look found. */
export interface Finding {
  check: string;
  state: State;
  text: string;
  /** What to do about it. */
  hint?: string;
}

/** A server that answers at the address that was asked. */
export interface Answering {
  version: string;
  /** Undefined where it lets nobody in with the key that there is. */
  client: Client | undefined;
}

/** What is looked at. */
export interface Patient {
  config: Config;
  /** The address at which a server was looked for. */
  address: string;
  server: Answering | undefined;
  /** The process that holds the data folder; `unknown` where it does not say, undefined where none does. */
  holder: string | undefined;
}

export type Check = (patient: Patient) => Promise<Finding[]>;

export const ok = (check: string, text: string): Finding => ({ check, state: "ok", text });
export const note = (check: string, text: string, hint: string): Finding => ({
  check,
  state: "note",
  text,
  hint,
});
export const wrong = (check: string, text: string, hint: string): Finding => ({
  check,
  state: "wrong",
  text,
  hint,
});
export const skipped = (check: string, text: string): Finding => ({ check, state: "skipped", text });
