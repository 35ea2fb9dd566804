import { HitagiError } from "@hitagi/contract";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";

/**
 * The schema's history. The position in the list, counted from 1, is the database's `user_version`. A step that
 * was released is never changed; a new need is a new step at the end.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE registries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    provider TEXT NOT NULL,
    url TEXT, ref TEXT, path TEXT,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE registry_ids (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE default_registry (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL REFERENCES registries (id) ON DELETE CASCADE
  ) STRICT;

  CREATE TABLE catalog_indexes (
    registry TEXT PRIMARY KEY REFERENCES registries (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    generated_at TEXT NOT NULL,
    etag TEXT, last_modified TEXT,
    refreshed INTEGER NOT NULL,
    plugins INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE catalog_summaries (
    rowid INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    summaries TEXT NOT NULL
  ) STRICT;
  CREATE INDEX catalog_summaries_of ON catalog_summaries (generation);
  CREATE TABLE catalog_entries (
    rowid INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    namespace TEXT NOT NULL,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX catalog_entries_of ON catalog_entries (generation, namespace);

  CREATE TABLE plugins (
    namespace TEXT PRIMARY KEY,
    type TEXT,
    path TEXT, version TEXT, registry TEXT, sha256 TEXT,
    settings TEXT NOT NULL DEFAULT '{}',
    enabled INTEGER NOT NULL DEFAULT 0,
    hidden INTEGER NOT NULL DEFAULT 0,
    priority INTEGER NOT NULL DEFAULT 0,
    granted TEXT NOT NULL DEFAULT '{}',
    quarantine_reason TEXT, quarantine_since INTEGER
  ) STRICT;
  CREATE TABLE plugin_versions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    version TEXT NOT NULL,
    registry TEXT,
    path TEXT NOT NULL,
    type TEXT NOT NULL,
    granted TEXT NOT NULL,
    installed INTEGER NOT NULL,
    UNIQUE (namespace, sha256)
  ) STRICT;

  CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task TEXT NOT NULL,
    args TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    notes TEXT NOT NULL,
    error TEXT,
    result TEXT,
    attempts INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    created REAL NOT NULL,
    started REAL,
    finished REAL
  ) STRICT;
  CREATE INDEX jobs_in_state ON jobs (state, priority DESC, id);
  CREATE INDEX jobs_ended ON jobs (finished) WHERE finished IS NOT NULL;

  CREATE TABLE archives (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    file TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    tags TEXT NOT NULL,
    summary TEXT NOT NULL,
    size INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    added INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE plugin_cache (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    expires REAL NOT NULL,
    UNIQUE (namespace, key)
  ) STRICT;
  CREATE INDEX plugin_cache_age ON plugin_cache (namespace, seq);
  `,
  `
  ALTER TABLE registries ADD COLUMN lenient INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE catalog_indexes ADD COLUMN skipped TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE catalog_indexes ADD COLUMN skipped_count INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE TABLE keys (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    hash TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    last_used INTEGER
  ) STRICT;
  `,
  // Cached indexes went from the database into files beside it; they are fetched again.
  `
  DELETE FROM catalog_indexes;
  DROP TABLE catalog_entries;
  DROP TABLE catalog_summaries;
  ALTER TABLE catalog_indexes ADD COLUMN synced INTEGER NOT NULL DEFAULT 0;
  `,
  `
  ALTER TABLE registries ADD COLUMN folder TEXT;
  `,
  `
  ALTER TABLE plugins ADD COLUMN secrets TEXT NOT NULL DEFAULT '{}';
  `,
  `
  ALTER TABLE jobs ADD COLUMN actor TEXT NOT NULL DEFAULT '{"kind":"server","key":null}';
  CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_key TEXT,
    action TEXT NOT NULL,
    subject_kind TEXT,
    subject_id TEXT,
    outcome TEXT NOT NULL,
    ms INTEGER NOT NULL,
    job INTEGER
  ) STRICT;
  CREATE INDEX history_time ON history (time);
  CREATE INDEX history_subject ON history (subject_id, id);
  `,
  `
  CREATE TABLE batch_items (
    seq INTEGER PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    archive TEXT NOT NULL,
    outcome TEXT NOT NULL,
    texts TEXT NOT NULL,
    UNIQUE (job, archive)
  ) STRICT;
  `,
  `
  ALTER TABLE registries ADD COLUMN failure TEXT;
  ALTER TABLE registries ADD COLUMN moved TEXT;
  CREATE TABLE registry_credentials (
    registry TEXT PRIMARY KEY REFERENCES registries (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    secret TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE known_archives (
    library TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (library, id)
  ) STRICT, WITHOUT ROWID;
  `,
  // What comes from a Redis that another program uses too, kept for the way back; and the mark of a copy under way.
  `
  CREATE TABLE foreign_fields (
    key TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key, field)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE foreign_indexes (registry TEXT PRIMARY KEY, document BLOB NOT NULL) STRICT;
  CREATE TABLE transfer (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    position TEXT
  ) STRICT;
  `,
  // What is still in use is asked by the hash and by the file, not by the plugin.
  `
  CREATE INDEX plugins_sha256 ON plugins (sha256);
  CREATE INDEX plugins_path ON plugins (lower(path));
  CREATE INDEX plugin_versions_sha256 ON plugin_versions (sha256);
  `,
  `
  CREATE TABLE seen_versions (
    registry TEXT PRIMARY KEY REFERENCES registries (id) ON DELETE CASCADE,
    lines BLOB NOT NULL
  ) STRICT;
  `,
  // In pieces, so that a new version does not rewrite all lines.
  `
  CREATE TABLE seen_lines (
    id INTEGER PRIMARY KEY,
    registry TEXT NOT NULL REFERENCES registries (id) ON DELETE CASCADE,
    lines BLOB NOT NULL
  ) STRICT;
  CREATE INDEX seen_lines_registry ON seen_lines (registry);
  INSERT INTO seen_lines (registry, lines) SELECT registry, lines FROM seen_versions;
  DROP TABLE seen_versions;
  `,
  `
  CREATE TABLE categories (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    pinned INTEGER NOT NULL,
    archives TEXT NOT NULL,
    bookmarked INTEGER NOT NULL,
    revision INTEGER NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE registries ADD COLUMN generate_index INTEGER NOT NULL DEFAULT 0;
  `,
  `
  ALTER TABLE jobs ADD COLUMN once TEXT;
  CREATE UNIQUE INDEX jobs_once ON jobs (once) WHERE once IS NOT NULL;
  `,
  `
  CREATE TABLE documents (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE plugins ADD COLUMN updates TEXT;
  ALTER TABLE plugin_versions ADD COLUMN left_by TEXT;
  `,
  `
  CREATE TABLE plugin_logs (
    plugin TEXT NOT NULL,
    id INTEGER NOT NULL,
    time REAL NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (plugin, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX plugin_logs_time ON plugin_logs (time);
  `,
  `
  ALTER TABLE jobs ADD COLUMN delayed REAL;
  ALTER TABLE jobs ADD COLUMN checkpoint TEXT;
  `,
  `
  ALTER TABLE history ADD COLUMN details TEXT;
  `,
  // The lines of a signed registry belong to its recovery key, and outlive it.
  `
  CREATE TABLE trust_states (
    fingerprint TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE registry_pins (registry TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  ALTER TABLE catalog_indexes ADD COLUMN sha256 TEXT;
  CREATE TABLE lines_by_owner (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    lines BLOB NOT NULL
  ) STRICT;
  INSERT INTO lines_by_owner (id, owner, lines) SELECT id, registry, lines FROM seen_lines;
  DROP TABLE seen_lines;
  ALTER TABLE lines_by_owner RENAME TO seen_lines;
  CREATE INDEX seen_lines_owner ON seen_lines (owner);
  `,
  `
  ALTER TABLE plugins ADD COLUMN quarantine_cause TEXT;
  `,
  `
  ALTER TABLE archives ADD COLUMN modified INTEGER;
  `,
];

/** The version of a database, see {@link migrations}. */
export const versionOf = (db: DatabaseSyncInstance): number => {
  const row = db.prepare("PRAGMA user_version").get() as { user_version: number };
  return row.user_version;
};

/**
 * Brings a database to the newest schema: every missing step in one transaction, so that a failure or a crash
 * leaves it as it was.
 * @throws HitagiError STORE_NEWER where a newer Hitagi wrote it
 */
export const migrate = (db: DatabaseSyncInstance, steps: readonly string[] = migrations): void => {
  if (versionOf(db) === steps.length) return;
  db.exec("BEGIN EXCLUSIVE");
  try {
    const from = versionOf(db);
    if (from > steps.length) {
      throw new HitagiError("STORE_NEWER", { found: from, known: steps.length });
    }
    for (const step of steps.slice(from)) db.exec(step);
    db.exec(`PRAGMA user_version = ${steps.length}`);
    db.exec("COMMIT");
  } catch (e) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw e;
  }
};
