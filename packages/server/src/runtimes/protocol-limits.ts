/** Limits of the protocol between the host and the processes of plugins; the harness keeps to them, the host enforces them. */

/** Largest frame in bytes. */
export const MAX_FRAME_FROM_PLUGIN = 8 * 1024 * 1024;
/** Larger, because bytes of archives travel in base64. */
export const MAX_FRAME_TO_PLUGIN = 24 * 1024 * 1024;

/** Host requests of one call that wait for a response. */
export const MAX_OPEN_REQUESTS = 32;
