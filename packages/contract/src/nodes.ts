import { type Static, Type } from "typebox";
import { Epoch } from "./scalars.ts";

/** One of the servers that share a store. */
export const NodeInfo = Type.Object({
  /** The id of this run of the server. */
  id: Type.String(),
  /** The host name of its machine. */
  host: Type.String(),
  /** Its address, such as `http://10.0.0.11:3000`; null before it listens. */
  address: Type.Union([Type.String(), Type.Null()]),
  /** Its version of Hitagi; null if unknown. */
  version: Type.Union([Type.String(), Type.Null()]),
  /** Identifies its artifact storage: `store`, or a kind and part of a hash; null if unknown. */
  artifacts: Type.Union([Type.String(), Type.Null()]),
  /** Seconds by which its clock is ahead of the store's; negative if it is behind. */
  ahead: Type.Integer(),
  started: Epoch,
  /** When it last reported. */
  heard: Epoch,
  /** Whether it has applied all changes. */
  current: Type.Boolean(),
  /** Whether it is the server that answers. */
  self: Type.Boolean(),
});
export type NodeInfo = Static<typeof NodeInfo>;

/** Seconds that clocks may differ, which includes the time of a poll. */
const CLOCK_TOLERANCE = 5;

/** Whether the clock of a server should be corrected. */
export const isClockOff = ({ ahead }: Pick<NodeInfo, "ahead">): boolean => Math.abs(ahead) > CLOCK_TOLERANCE;
