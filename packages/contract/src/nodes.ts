import { type Static, Type } from "typebox";
import { Epoch } from "./scalars.ts";

/** A server of those that share one store. */
export const NodeInfo = Type.Object({
  /** Of one run of it. */
  id: Type.String(),
  /** The name of its machine. */
  host: Type.String(),
  /** Where it listens, such as `http://10.0.0.11:3000`; null before it does. */
  address: Type.Union([Type.String(), Type.Null()]),
  /** Its Hitagi's; null for one that does not say. */
  version: Type.Union([Type.String(), Type.Null()]),
  /** What tells where it shares the bytes of plugins from other such places: `store`, or a kind and part of a hash; null for one that does not say. */
  artifacts: Type.Union([Type.String(), Type.Null()]),
  /** Seconds by which its clock is ahead of that of the store, behind where negative. */
  ahead: Type.Integer(),
  started: Epoch,
  /** When the others last heard of it. */
  heard: Epoch,
  /** Whether all that was changed elsewhere is in force there. */
  current: Type.Boolean(),
  /** Whether it is the one that answers. */
  self: Type.Boolean(),
});
export type NodeInfo = Static<typeof NodeInfo>;

/** Seconds that clocks may differ: what a look may take on its way, and what nobody notices. */
const CLOCK_TOLERANCE = 5;

/** Whether the clock of a node should be set. */
export const isClockOff = ({ ahead }: Pick<NodeInfo, "ahead">): boolean => Math.abs(ahead) > CLOCK_TOLERANCE;
