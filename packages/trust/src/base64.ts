import { invalid } from "./trust-error.ts";

/** The bytes of canonical base64: what encodes to the same text again. @throws TrustError HEAD_INVALID */
export const decodeBase64 = (text: string, what: string): Buffer => {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : invalid(`${what} is not canonical base64`);
};
