/** What the harness uses of Deno's namespace, taken before it is removed. */
interface DenoApi {
  stdin: { read(into: Uint8Array): Promise<number | null>; readSync(into: Uint8Array): number | null };
  stdout: { writeSync(bytes: Uint8Array): number };
  exit(code: number): never;
}

const { stdin, stdout, exit } = (globalThis as unknown as { Deno: DenoApi }).Deno;

/** Waits for bytes from the host; null where the host is gone. */
export const readInput = stdin.read.bind(stdin);
/** The same, and stops this whole process until they come. */
export const readInputNow = stdin.readSync.bind(stdin);
/** Writes some of the bytes and answers how many; waits while the host takes none. */
export const writeOutput = stdout.writeSync.bind(stdout);
export const exitProcess = exit;

type ErrorEvents = {
  addEventListener(type: string, listener: (event: Record<string, unknown> & Event) => void): void;
};

/** Hands what Deno would end the process for to `onThrown` instead. */
export const keepGoing = (type: string, thrown: string, onThrown: (thrown: unknown) => void): void => {
  (globalThis as unknown as ErrorEvents).addEventListener(type, (event) => {
    event.preventDefault();
    onThrown(event[thrown]);
  });
};
