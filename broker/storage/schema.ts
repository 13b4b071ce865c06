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
  id INTEGER PRIMARY KEY,            -- no cursor reads here: of the rows that are there, the later one has the greater id
  copies INTEGER NOT NULL,           -- deliveries that still need this row
  message_id TEXT NOT NULL,
  key TEXT,
  headers TEXT,                      -- JSON object, NULL for none
  sent_at INTEGER NOT NULL,
  position INTEGER,                  -- of a partitioned channel's message that is tried again: its offset
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
  position INTEGER,
  body ANY NOT NULL,
  attempt INTEGER NOT NULL,
  reason TEXT NOT NULL,
  failed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX waystation_dead_letter_queue ON waystation_dead_letter (queue, id);
`

/**
 * The family of Kafka and Kinesis: an append-only log, read by position. `ahead` has a letter for each message from
 * `committed` on that a group has looked at: d done, s started, . left for later.
 */
const log = `
CREATE TABLE waystation_partition (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel INTEGER NOT NULL,
  number INTEGER NOT NULL,
  start_offset INTEGER NOT NULL DEFAULT 0,   -- of the oldest message that is kept, or of the next if none is
  UNIQUE (channel, number)
) STRICT;

CREATE TABLE waystation_log (
  partition INTEGER NOT NULL,
  position INTEGER NOT NULL,         -- the offset in the partition
  message_id TEXT NOT NULL,
  key TEXT NOT NULL,
  headers TEXT,
  sent_at INTEGER NOT NULL,
  body ANY NOT NULL,
  PRIMARY KEY (partition, position)
) STRICT;

-- Where each partition ends is what stands last in it: to keep it in a column would be a second write for each message.
CREATE VIEW waystation_partition_range AS
SELECT p.id, p.channel, p.number, p.start_offset,
       coalesce((SELECT max(position) FROM waystation_log WHERE partition = p.id) + 1, p.start_offset) AS end_offset
FROM waystation_partition p;

CREATE TABLE waystation_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel INTEGER NOT NULL,
  name TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0,
  UNIQUE (channel, name)
) STRICT;

CREATE TABLE waystation_member (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id INTEGER NOT NULL,
  expires_at INTEGER NOT NULL        -- moved on by each sign of life
) STRICT;
CREATE INDEX waystation_member_group ON waystation_member (group_id);

CREATE TABLE waystation_assignment (
  group_id INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  owner INTEGER,                     -- the member that may read and commit
  wanted INTEGER,                    -- the member it goes to once the owner has let go
  PRIMARY KEY (group_id, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE waystation_cursor (
  group_id INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  generation INTEGER NOT NULL,       -- in which its owner got it: the fence of each commit
  committed INTEGER NOT NULL,        -- everything before it is settled
  ahead TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (group_id, partition)
) STRICT, WITHOUT ROWID;
`

/**
 * The outbox lives in the service's own database, and with it how far its relays are. `marker` leads the row so that a
 * reader of the log knows it by sight (`relay/outbox-row.ts` names the columns in this order). What another language's
 * service writes here by plain SQL is checked like what `send` writes: a row that cannot be published holds up all others.
 */
const outbox = `
CREATE TABLE waystation_outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  marker TEXT NOT NULL DEFAULT 'waystation.outbox' CHECK (marker = 'waystation.outbox'),
  message_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  key TEXT,
  headers TEXT CHECK (headers IS NULL OR json_type(headers) = 'object'),
  sent_at INTEGER NOT NULL,
  delay_ms INTEGER NOT NULL DEFAULT 0,
  body ANY NOT NULL CHECK (typeof(body) = 'blob' OR (typeof(body) = 'text' AND json_valid(body)))
) STRICT;

CREATE TABLE waystation_relay (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  published INTEGER NOT NULL,        -- position of the last row that was published
  token INTEGER NOT NULL,            -- grows with each lease: what an earlier holder saves is refused
  leased_at INTEGER NOT NULL,
  leased_until INTEGER NOT NULL      -- 0: nobody publishes
) STRICT;
INSERT INTO waystation_relay (id, published, token, leased_at, leased_until) VALUES (1, 0, 0, 0, 0);
`

/** Which consumer has handled which message. The oldest rows stand first, so that the inbox can forget them. */
const inbox = `
CREATE TABLE waystation_inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  consumer TEXT NOT NULL,
  message_id TEXT NOT NULL,
  handled_at INTEGER NOT NULL,
  UNIQUE (consumer, message_id)
) STRICT;
`

export const outboxVersions: readonly string[] = [outbox]
export const inboxVersions: readonly string[] = [inbox]
export const brokerVersions: readonly string[] = [channels + deliveries + log]
