import type { FastifyBaseLogger, FastifyServerOptions } from "fastify";

type Args = Parameters<FastifyBaseLogger["info"]>;

/**
 * The log of one request, with its id in each line. Most requests write no line, and a child of pino takes longer to make than a list
 * to answer, so it is made for the first line.
 */
class RequestLog implements FastifyBaseLogger {
  readonly #make: () => FastifyBaseLogger;
  #made: FastifyBaseLogger | undefined;

  constructor(make: () => FastifyBaseLogger) {
    this.#make = make;
  }

  get #log(): FastifyBaseLogger {
    this.#made ??= this.#make();
    return this.#made;
  }
  get level() {
    return this.#log.level;
  }
  set level(level) {
    this.#log.level = level;
  }
  child(...args: Parameters<FastifyBaseLogger["child"]>) {
    return this.#log.child(...args);
  }
  fatal(...args: Args) {
    this.#log.fatal(...args);
  }
  error(...args: Args) {
    this.#log.error(...args);
  }
  warn(...args: Args) {
    this.#log.warn(...args);
  }
  info(...args: Args) {
    this.#log.info(...args);
  }
  debug(...args: Args) {
    this.#log.debug(...args);
  }
  trace(...args: Args) {
    this.#log.trace(...args);
  }
  silent(...args: Args) {
    this.#log.silent(...args);
  }
}

/** For Fastify's option of this name. */
export const childLoggerFactory: NonNullable<FastifyServerOptions["childLoggerFactory"]> = (
  log,
  bindings,
  options,
) => new RequestLog(() => log.child(bindings, options));
