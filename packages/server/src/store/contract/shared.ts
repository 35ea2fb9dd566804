import type { Namespace, NetworkRecord } from "@hitagi/contract";

/**
 * The subject of a change that other nodes apply. `registries` are all records of registries and what was accepted of their heads, and
 * `registry:<id>` is also the index of one.
 */
export type Topic = `plugin:${Namespace}` | `registry:${string}` | "registries" | "keys" | "documents";

/** A change, by its place among all. */
export interface Revision {
  /** Grows with each change; 0 before the first. */
  revision: number;
  /** Differs between changes of one number, in a store that was put back to an earlier state. */
  mark: string;
}

/** The changes that a node has not applied, and the newest one. */
export interface News extends Revision {
  /** "all" if that is unknown, as in a store that was put back to an earlier state. */
  changed: readonly Topic[] | "all";
  /** Whether other nodes may answer from memory. */
  hasOthers: boolean;
}

/** A node as the others see it. */
export interface NodeState {
  /** Of one run of one server. */
  id: string;
  /** The name of its machine. */
  host: string;
  /** The version of its Hitagi; undefined if it does not tell. */
  version?: string | undefined;
  /** A fingerprint of the share for bytes that it uses; undefined if it does not tell. */
  artifacts?: string | undefined;
  /** Where it listens; undefined before it does. */
  address?: string | undefined;
  /** By its own clock, epoch seconds. */
  started: number;
  /** Seconds by which its clock is ahead of the store's, rounded; negative if it is behind. */
  ahead: number;
  /** When it was last heard of, epoch seconds. */
  heard: number;
  /** The revision up to which it has applied all changes. */
  taken: number;
}

/** What a node says of itself. */
export type NodeSelf = Pick<NodeState, "id" | "host" | "version" | "artifacts" | "address" | "started">;

/**
 * The nodes on one store, and its change log. Every write of a plugin's record, a registry, an index, the keys or a document logs a change
 * in the same step, so that a node that has applied all changes has what the store holds.
 */
export interface Nodes {
  /** Milliseconds that a node may work with what it has read after its last sync; the same on all nodes of a store. */
  readonly leaseMs: number;
  /** The newest change. */
  revision(): Promise<Revision>;
  /**
   * Notes that a node is alive and the changes that it has applied, and answers later ones. A node with changes that the store does
   * not know counts as behind until it has applied all.
   * @throws HitagiError STORE_UNFINISHED while a copy into the store is unfinished
   */
  sync(node: NodeSelf, taken: Revision): Promise<News>;
  /** The ids of nodes that have not applied a change. A node that died is among them until its lease has ended. */
  behind(revision: number): Promise<string[]>;
  /** The nodes that were heard of recently, in the order of their start. */
  list(): Promise<NodeState[]>;
  /** Whether a library, by its id, is that of the listed nodes. Without any, it becomes theirs. */
  isLibrary(id: string): Promise<boolean>;
  leave(id: string): Promise<void>;
  /** Calls back soon after a change. Calls may be missed or repeated. @returns ends the subscription */
  follow(listener: () => void): () => void;
}

/** Tells of changes of registries and indexes by programs that log none, such as LANraragi. */
export interface ExternalWatch {
  /** Whether all such changes were told that are older than a lease. While it is false, only the store knows of them. */
  isComplete(): boolean;
  end(): void;
}

/** An event for the readers of all servers. */
interface Announcement {
  /** Later than the position of every announcement before, even if the store lost the newest ones. */
  position: string;
  text: string;
}

/** The part of a feed after a position. */
export interface FeedReading {
  /** The position before `announcements`. */
  position: string;
  /** Whether announcements between the requested position and this one are lost. */
  reset: boolean;
  announcements: readonly Announcement[];
}

/** The events of all servers on a store, in one order. The newest ones are kept. */
export interface Feed {
  /**
   * Adds announcements, all of them at once and in their order.
   * @param batch a unique name, by which a repeated call is recognised
   * @param again whether the call is repeated, after its answer was lost
   */
  add(batch: string, texts: readonly string[], again: boolean): Promise<void>;
  /** What follows a position; the end of the feed without one, or if announcements after it are lost (`reset`). */
  read(after: string | undefined): Promise<FeedReading>;
  /**
   * Passes on all further announcements, and continues after an outage of the store. The first reading has the start position.
   * @param take must not throw
   * @returns ends the subscription
   */
  follow(take: (reading: FeedReading) => void): () => void;
  /** Whether a position is later than another; true for positions of different feeds. */
  isAfter(position: string, other: string): boolean;
}

/** The newest network requests of each plugin, on all servers. */
export interface RequestStore {
  /** Adds one. The oldest of a plugin are removed, and all of a plugin that made none for a week. */
  add(namespace: Namespace, request: NetworkRecord): Promise<void>;
  /** Newest first. */
  of(namespace: Namespace): Promise<NetworkRecord[]>;
}

/** Bytes of versions with their manifests as JSON, by sha256. The reader verifies the hash. */
export interface ArtifactShare {
  /** A store that is the share also notes them as pending; see {@link PendingArtifacts}. */
  put(sha256: string, bytes: Buffer, manifest: string): Promise<void>;
  has(sha256: string): Promise<boolean>;
  read(sha256: string): Promise<{ bytes: Buffer; manifest: string } | undefined>;
  remove(sha256: string): Promise<void>;
}

/**
 * The bytes in a share that no record may name: those that were put or reserved before their record is made, whose commit removes
 * the note, and those outside of the store that a pruning orphaned. By the notes a server finds what another one left that
 * died. Only noted bytes are ever removed, so that an empty store (a mistyped database) beside a full share costs nothing.
 */
export interface PendingArtifacts {
  /** Notes bytes that are about to be recorded. */
  note(sha256: string): Promise<void>;
  /** The hashes that were last noted at least so many milliseconds ago. */
  list(ageMs: number): Promise<string[]>;
  /** Whether nothing names the bytes, and they were not noted in that time. Removes the note of bytes that a record names. */
  isGarbage(sha256: string, ageMs: number): Promise<boolean>;
  /** The same; and in the same step removes the note, and the store's own bytes, if they are garbage. */
  drop(sha256: string, ageMs: number): Promise<boolean>;
}
