import type { Io } from "./io.ts";
import { printed } from "./safe-text.ts";

/** What keys do. */
export interface KeyActions {
  /** The names to choose from with `a`. */
  archives: readonly string[];
  /** @param chosen the places of the names */
  choose(chosen: ReadonlySet<number>): Promise<void>;
  w(): Promise<void>;
  t(): Promise<void>;
  l(): Promise<void>;
  r(): Promise<void>;
  q(): Promise<void>;
  onError(error: unknown): void;
}

const CTRL_C = "\u0003";

/** Reads single keys of a terminal. */
export const readKeys = (io: Io, actions: KeyActions): { close(): void } => {
  const stdin: Io["stdin"] & { setRawMode?: (raw: boolean) => unknown } = io.stdin;
  const chosen = new Set(actions.archives.keys());
  let choosing = false;

  const showChoice = (): unknown =>
    io.stderr.write(
      `${printed([
        ...actions.archives.slice(0, 9).map((name, i) => `  ${i + 1} ${chosen.has(i) ? "*" : " "} ${name}`),
        "A digit chooses or leaves out, any other key runs.",
      ])}\n`,
    );
  const press = async (key: string): Promise<void> => {
    const place = Number(key) - 1;
    if (choosing && actions.archives[place] !== undefined) {
      if (!chosen.delete(place)) chosen.add(place);
      return void showChoice();
    }
    if (choosing) {
      choosing = false;
      return actions.choose(chosen);
    }
    if (key === "a") {
      choosing = true;
      showChoice();
    } else if (key === CTRL_C) await actions.q();
    else if (key === "w" || key === "t" || key === "l" || key === "r" || key === "q") await actions[key]();
  };
  const onData = (chunk: Buffer): void => {
    for (const key of chunk.toString()) press(key).catch(actions.onError);
  };
  stdin.setRawMode?.(true);
  stdin.on("data", onData);
  return {
    close: () => {
      stdin.off("data", onData);
      stdin.setRawMode?.(false);
      stdin.pause();
    },
  };
};
