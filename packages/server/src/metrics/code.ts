import { isHitagiError } from "@hitagi/contract";

/** The code of whatever was thrown, which is one of the error table. */
export const codeOf = (error: unknown): string => (isHitagiError(error) ? error.code : "INTERNAL");
