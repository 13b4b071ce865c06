/**
 * Every table, by component: a broker, an outbox and an inbox may live in one file or in three.
 * Times are milliseconds since the epoch. STRICT everywhere; AUTOINCREMENT wherever a cursor reads, because SQLite
 * otherwise gives the id of a deleted last row out again, and the cursor would miss the row.
 */

/** A name is one channel of one kind. `ordered` is 1 for a queue with orderByKey, `partitions` 0 but for the log. */
const channels = `
CREATE TABLE waystation_channel (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('queue', 'topic', 'partitioned', 'request-reply')),
  ordered INTEGER NOT NULL DEFAULT 0,
  partitions INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Ids that senders gave, kept for the deduplication window.
CREATE TABLE waystation_recent_id (
  channel INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (channel, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX waystation_recent_id_expiry ON waystation_recent_id (expires_at);
`

/**
 * The family of RabbitMQ and SQS: a message is stored once, and each queue that it went to holds a delivery of it.
 * A delivery's key comes in the order of claiming, so that the due ones stand together at the front.
 */
const deliveries = `
CREATE TABLE waystation_queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel INTEGER NOT NULL,
  subscription TEXT NOT NULL,        -- '' for a point-to-point queue
  ordered INTEGER NOT NULL,
  expires_at INTEGER,                -- a requester's reply queue goes when the requester is gone
  UNIQUE (channel, subscription)
) STRICT;

CREATE TABLE waystation_message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  copies INTEGER NOT NULL,           -- deliveries that still need this row
  message_id TEXT NOT NULL,
  key TEXT,
  headers TEXT,                      -- JSON object, NULL for none
  sent_at INTEGER NOT NULL,
  body ANY NOT NULL                  -- TEXT: JSON; BLOB: bytes
) STRICT;

CREATE TABLE waystation_delivery (
  queue INTEGER NOT NULL,
  visible_at INTEGER NOT NULL,       -- due from then on; a lease moves it to the lease's end
  message INTEGER NOT NULL,
  attempt INTEGER NOT NULL,          -- deliveries so far
  token INTEGER,                     -- of the lease; NULL while nobody has it
  key TEXT,                          -- only in an ordered queue
  PRIMARY KEY (queue, visible_at, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX waystation_delivery_key ON waystation_delivery (queue, key, message) WHERE key IS NOT NULL;

CREATE TABLE waystation_dead_letter (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  queue INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  key TEXT,
  headers TEXT,
  sent_at INTEGER NOT NULL,
  body ANY NOT NULL,
  attempt INTEGER NOT NULL,
  reason TEXT NOT NULL,
  failed_at INTEGER NOT NULL,
  position INTEGER                   -- of a partitioned channel's message: its offset
) STRICT;
CREATE INDEX waystation_dead_letter_queue ON waystation_dead_letter (queue, id);
`

/** The outbox lives in the service's own database. `marker` leads the row so that a reader of the log knows it by sight. */
const outbox = `
CREATE TABLE waystation_outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  marker TEXT NOT NULL DEFAULT 'waystation.outbox',
  message_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  key TEXT,
  headers TEXT,
  sent_at INTEGER NOT NULL,
  delay_ms INTEGER NOT NULL DEFAULT 0,
  body ANY NOT NULL
) STRICT;
`

export const outboxVersions: readonly string[] = [outbox]
export const brokerVersions: readonly string[] = [channels + deliveries]
