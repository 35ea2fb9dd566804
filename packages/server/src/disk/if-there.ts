import { storeError } from "./errors.ts";

/** What a file gives, or undefined where it is not there. @throws HitagiError STORE_FAILED, DISK_FULL */
export const ifThere = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (e) {
    if (e instanceof Error && "code" in e && e.code === "ENOENT") return undefined;
    throw storeError(e);
  }
};
