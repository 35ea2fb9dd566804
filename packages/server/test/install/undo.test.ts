import { HitagiError } from "@hitagi/contract";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { withUndo } from "../../src/install/undo.ts";

const deps = { log: pino({ level: "silent" }) };
const fault = () => new HitagiError("LOAD_FAILED", { reason: "it threw" });

describe("an operation with undo actions", () => {
  test("runs none of them if it succeeds", async () => {
    const undone: string[] = [];
    const result = await withUndo(deps, async (undo) => {
      undo.push("a", () => void undone.push("a"));
      return 7;
    });
    expect({ result, undone }).toEqual({ result: 7, undone: [] });
  });

  test("runs them in reverse order, once, and throws its error", async () => {
    const undone: string[] = [];
    const failing = withUndo(deps, async (undo) => {
      for (const step of ["a", "b", "c"]) undo.push(step, () => void undone.push(step));
      throw fault();
    });
    await expect(failing).rejects.toMatchObject({ code: "LOAD_FAILED" });
    expect(undone).toEqual(["c", "b", "a"]);
  });

  test("runs the others if one fails, and names what is left", async () => {
    const undone: string[] = [];
    const failing = withUndo(deps, async (undo) => {
      undo.push("the first", (left) => void undone.push(`first after ${left.length} left`));
      undo.push("the file", () => {
        throw new Error("EACCES /srv/secret");
      });
      undo.push("the last", () => void undone.push("last"));
      throw fault();
    });
    await expect(failing).rejects.toMatchObject({
      code: "UNDO_FAILED",
      status: 500,
      params: { left: "the file", reason: "The plugin failed to load: it threw" },
    });
    expect(undone).toEqual(["last", "first after 1 left"]);
  });

  test("does not pass on the message of an unexpected error", async () => {
    const failing = withUndo(deps, async (undo) => {
      undo.push("the file", () => Promise.reject(new Error("no")));
      throw new Error("EACCES /srv/secret");
    });
    await expect(failing).rejects.toThrow(/^(?!.*secret).*an internal error/);
  });

  test("runs none of them after they are discarded", async () => {
    const undone: string[] = [];
    const failing = withUndo(deps, async (undo) => {
      undo.push("a", () => void undone.push("a"));
      undo.discard();
      throw fault();
    });
    await expect(failing).rejects.toMatchObject({ code: "LOAD_FAILED" });
    expect(undone).toEqual([]);
  });
});
