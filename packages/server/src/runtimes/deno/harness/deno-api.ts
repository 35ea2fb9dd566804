/** The part of Deno's namespace that the harness uses, read before it is removed. */
interface DenoApi {
  stdin: { read(into: Uint8Array): Promise<number | null>; readSync(into: Uint8Array): number | null };
  stdout: { writeSync(bytes: Uint8Array): number };
  exit(code: number): never;
  /** Key of the property that Deno's own modules use. */
  internal: symbol;
}

/** Runs a script in this realm, even if code generation from strings is disallowed. */
type EvalContext = (source: string, name: string) => [value: unknown, error: { thrown: unknown } | null];

const deno = (globalThis as unknown as { Deno: DenoApi }).Deno;
const { stdin, stdout, exit } = deno;
const { evalContext } = (deno as unknown as Record<symbol, { core: { evalContext: EvalContext } }>)[
  deno.internal
]?.core ?? { evalContext: undefined };

/** Waits for bytes from the host; null at the end of the input. */
export const readInput = stdin.read.bind(stdin);
/** The same, but blocks the process. */
export const readInputNow = stdin.readSync.bind(stdin);
export const exitProcess = exit;

const write = stdout.writeSync.bind(stdout);

/** Writes some bytes and answers how many. A closed pipe ends the process: an error would be written to it. */
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

/** Passes an error event's value to `onThrown`, where Deno would end the process. */
export const preventExit = (type: string, property: string, onThrown: (thrown: unknown) => void): void => {
  (globalThis as unknown as ErrorEvents).addEventListener(type, (event) => {
    event.preventDefault();
    onThrown(event[property]);
  });
};

/** The value of one of the harness's own scripts; never for text from a plugin. */
export const evaluate = (source: string, name: string): unknown => {
  if (!evalContext) throw new Error("this Deno cannot evaluate the parser");
  const [value, error] = evalContext(source, `file:///${name}`);
  if (error) throw error.thrown;
  return value;
};
