/** What the harness uses of Deno's namespace, taken before it is removed. */
interface DenoApi {
  stdin: { read(into: Uint8Array): Promise<number | null>; readSync(into: Uint8Array): number | null };
  stdout: { writeSync(bytes: Uint8Array): number };
  exit(code: number): never;
  /** Where Deno keeps what its own modules use. */
  internal: symbol;
}

/** Runs a script in this realm, also where the language may not make code out of text. */
type EvalContext = (source: string, name: string) => [value: unknown, error: { thrown: unknown } | null];

const deno = (globalThis as unknown as { Deno: DenoApi }).Deno;
const { stdin, stdout, exit } = deno;
const { evalContext } = (deno as unknown as Record<symbol, { core: { evalContext: EvalContext } }>)[
  deno.internal
]?.core ?? { evalContext: undefined };

/** Waits for bytes from the host; null where the host is gone. */
export const readInput = stdin.read.bind(stdin);
/** The same, and stops this whole process until they come. */
export const readInputNow = stdin.readSync.bind(stdin);
export const exitProcess = exit;

const write = stdout.writeSync.bind(stdout);

/**
 * Writes some of the bytes and answers how many; waits while the host takes none. Where the host is gone it ends the
 * process: an error thrown here would be written to the host too, and that would fail again, for ever.
 */
export const writeOutput = (bytes: Uint8Array): number => {
  try {
    return write(bytes);
  } catch {
    return exit(0);
  }
};

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

/** The value of a script of the harness's own; never of anything that a plugin gave. */
export const evaluate = (source: string, name: string): unknown => {
  if (!evalContext) throw new Error("this Deno cannot evaluate the parser");
  const [value, error] = evalContext(source, `file:///${name}`);
  if (error) throw error.thrown;
  return value;
};
