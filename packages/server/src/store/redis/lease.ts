/** Milliseconds that a node may work with what it knows; the same on all nodes of a store. */
export const LEASE_MS = 3000;
