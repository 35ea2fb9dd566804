/**
 * The exit codes. The program's help lists them. `usage`: the command line or a setting is wrong, which this program finds without the
 * server. `failed`: what the command line names does not exist, or what it asks for cannot be done.
 */
export const exitCodes = { done: 0, failed: 1, usage: 2, unreachable: 3 } as const;
