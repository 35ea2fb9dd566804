import { type ErrorCode, type HitagiError, isHitagiError } from "@hitagi/contract";

const STORE_FAULTS: readonly ErrorCode[] = [
  "STORE_CERTIFICATE",
  "STORE_FAILED",
  "STORE_FULL",
  "STORE_LOCKED",
  "STORE_NEWER",
  "STORE_READ_ONLY",
  "STORE_REFUSED",
  "STORE_UNFINISHED",
  "STORE_UNFIT",
  "STORE_UNREACHABLE",
];

/** Whether an error says that the store cannot be read or written now, and not that the caller asked for something wrong. */
export const isStoreFault = (error: unknown): error is HitagiError => isHitagiError(error, ...STORE_FAULTS);
