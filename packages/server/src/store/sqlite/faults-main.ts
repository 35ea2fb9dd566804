// The process that looks for damage in a database file.
import { DatabaseSync } from "@photostructure/sqlite";
import { answerServer } from "../../child-process/answer-server.ts";
import type { FromFaultsReader, ToFaultsReader } from "./faults.ts";

const faultsOf = ({ file, timeoutMs }: ToFaultsReader): string[] => {
  const db = new DatabaseSync(file, { readOnly: true, timeout: timeoutMs });
  try {
    // Fails where the file cannot be opened or is locked; what fails later is damage that ends the check.
    const check = db.prepare("PRAGMA quick_check");
    try {
      const rows = check.all() as { quick_check: string }[];
      return rows.map((row) => row.quick_check).filter((text) => text !== "ok");
    } catch (error) {
      return [(error as Error).message];
    }
  } finally {
    db.close();
  }
};

answerServer(import.meta.url, () => async (request: ToFaultsReader): Promise<FromFaultsReader> => {
  try {
    return { faults: faultsOf(request) };
  } catch (error) {
    // An error loses SQLite's fields on its way between processes.
    const { message, ...fields } = error as Error;
    return { error: { message, ...fields } };
  }
});
