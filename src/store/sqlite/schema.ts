/**
 * The tables of a store file and how older files become current ones: migrations run forward only, in one transaction, and
 * `user_version` counts those done. Small integers stand for closed sets (a state is its index in TASK_STATES, append only),
 * and NULL and 0 cost no space beyond a byte. What most tasks never need lies in `task_extra`, with a row only for those that
 * do: one table of 36 columns took a sixth longer to write. The view `tasks` joins them and says it in words for people with
 * the sqlite3 shell.
 */
import { TASK_STATES, type TaskState } from "../../core/task.ts";
import type { LogRow } from "../rows.ts";

/** "Mksp": marks a file as one of ours in its header. */
export const APPLICATION_ID = 0x4d6b7370;

/** Levels of the log in the order of their codes in packed commits; the file has their names. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "stderr", "stdout"] as const satisfies readonly LogRow["level"][];

/** What an index in this list plus one stands for in `task.parked_for`. */
export const PARK_REASONS = ["children", "answer"] as const;

export interface Migration {
  readonly sql: string;
}

/** The code of each state. */
export const STATE_CODES = Object.fromEntries(TASK_STATES.map((state, code) => [state, code])) as Readonly<Record<TaskState, number>>;

/** Codes are the positions in TASK_STATES: final states are those from here on. */
export const FIRST_FINAL_STATE = TASK_STATES.indexOf("succeeded");

function words(column: string, names: readonly string[], first: number): string {
  return `CASE ${column} ${names.map((name, index) => `WHEN ${index + first} THEN '${name}'`).join(" ")} END`;
}

function time(column: string): string {
  const name = column.slice(column.indexOf(".") + 1);
  return `CASE WHEN ${column} > 0 THEN strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch') END AS ${name}`;
}

// A migration that has been released never changes: the words that version 1 wrote into its view are fixed here.
const STATES_V1 = ["scheduled", "blocked", "queued", "running", "parked", "succeeded", "failed", "cancelled", "expired", "shed", "skipped"];
const TIMES_V1 = [
  "task.created_at", "task.first_ready_at", "task.ready_at", "extra.release_at", "extra.due_at", "extra.deadline_at",
  "task.assigned_at", "task.started_at", "task.finished_at",
];

/** The view for people; `more` names further columns, each followed by a comma. */
function tasksView(more: string): string {
  return `CREATE VIEW tasks AS SELECT
  task.id, task.name, ${words("task.state", STATES_V1, 0)} AS state, spec.type, spec.queue, spec.priority, task.key,
  task.attempt, coalesce(extra.failures, 0) AS failures, coalesce(extra.losses, 0) AS losses, agent.name AS agent,
  task.flow_id, extra.parent_id, extra.needs,
  ${TIMES_V1.map((column) => time(column)).join(",\n  ")},
  CASE WHEN task.finished_at > 0 AND task.started_at > 0 THEN task.finished_at - task.started_at + coalesce(extra.served_ms, 0) END AS service_ms,
  extra.estimate_ms, coalesce(extra.cpu_ms, 0) AS cpu_ms, coalesce(extra.peak_memory_bytes, 0) AS peak_memory_bytes,
  coalesce(extra.cost, 0) AS cost, ${more}${words("extra.parked_for", PARK_REASONS, 1)} AS parked_for, task.reason,
  CASE typeof(task.input) WHEN 'blob' THEN '(compressed)' ELSE task.input END AS input,
  CASE typeof(task.result) WHEN 'blob' THEN '(compressed)' ELSE task.result END AS result,
  CASE typeof(task.error) WHEN 'blob' THEN '(compressed)' ELSE task.error END AS error
  FROM task JOIN spec ON spec.id = task.spec_id LEFT JOIN agent ON agent.id = task.agent_id LEFT JOIN task_extra AS extra ON extra.id = task.id;`;
}

const VERSION_1 = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE spec (
  id INTEGER PRIMARY KEY, type TEXT NOT NULL, queue TEXT NOT NULL, priority REAL NOT NULL,
  retry TEXT NOT NULL, timeout_ms REAL, on_dependency_failure TEXT NOT NULL
);
CREATE TABLE agent (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, slots INTEGER NOT NULL,
  cost_per_hour REAL NOT NULL, joined_at INTEGER NOT NULL
);
CREATE TABLE flow (id INTEGER PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL, finished_at INTEGER);
CREATE INDEX flow_open ON flow (id) WHERE finished_at IS NULL;
CREATE TABLE task (
  id INTEGER PRIMARY KEY,
  state INTEGER NOT NULL, spec_id INTEGER NOT NULL, attempt INTEGER DEFAULT 0, agent_id INTEGER, flow_id INTEGER,
  created_at INTEGER NOT NULL, first_ready_at INTEGER DEFAULT 0, ready_at INTEGER DEFAULT 0,
  assigned_at INTEGER DEFAULT 0, started_at INTEGER DEFAULT 0, finished_at INTEGER DEFAULT 0,
  name TEXT, key TEXT, reason TEXT, input BLOB, result BLOB, error BLOB
);
CREATE TABLE task_extra (
  id INTEGER PRIMARY KEY,
  failures INTEGER DEFAULT 0, losses INTEGER DEFAULT 0, served_ms INTEGER DEFAULT 0,
  cpu_ms INTEGER DEFAULT 0, peak_memory_bytes INTEGER DEFAULT 0, cost REAL DEFAULT 0,
  release_at INTEGER, parked_for INTEGER, answered INTEGER DEFAULT 0,
  parent_id INTEGER, limit_of_key INTEGER, due_at INTEGER, deadline_at INTEGER, estimate_ms INTEGER,
  limit_key TEXT, needs TEXT, checkpoint BLOB, answer BLOB
);
CREATE INDEX task_parent ON task_extra (parent_id) WHERE parent_id IS NOT NULL;
CREATE UNIQUE INDEX task_key ON task (key) WHERE key IS NOT NULL;
CREATE INDEX task_flow ON task (flow_id) WHERE flow_id IS NOT NULL;
CREATE TABLE attempt (
  task_id INTEGER NOT NULL, attempt INTEGER NOT NULL, agent_id INTEGER NOT NULL,
  assigned_at INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, outcome TEXT NOT NULL,
  cpu_ms INTEGER NOT NULL, peak_memory_bytes INTEGER NOT NULL, cost REAL NOT NULL, error BLOB,
  PRIMARY KEY (task_id, attempt)
) WITHOUT ROWID;
CREATE TABLE log (
  id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL, attempt INTEGER NOT NULL, at INTEGER NOT NULL,
  level TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX log_task ON log (task_id);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE request (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, request TEXT NOT NULL);
${tasksView("")}
INSERT INTO meta (name, value) VALUES ('epoch', 0), ('live_from', 1), ('last_task_id', 0), ('last_flow_id', 0), ('owner_pid', NULL);
`;

/** What policies, limits and balancers look at in tasks, and what is needed of agents to simulate a recorded run. */
const VERSION_2 = `
ALTER TABLE spec ADD COLUMN preemptible INTEGER;
ALTER TABLE agent ADD COLUMN weight REAL NOT NULL DEFAULT 1;
ALTER TABLE agent ADD COLUMN region TEXT;
ALTER TABLE agent ADD COLUMN speed REAL NOT NULL DEFAULT 1;
ALTER TABLE agent ADD COLUMN speeds TEXT;
ALTER TABLE task_extra ADD COLUMN tenant TEXT;
ALTER TABLE task_extra ADD COLUMN session TEXT;
ALTER TABLE task_extra ADD COLUMN weight REAL;
ALTER TABLE task_extra ADD COLUMN size REAL;
ALTER TABLE task_extra ADD COLUMN region TEXT;
ALTER TABLE task_extra ADD COLUMN uses TEXT;
CREATE INDEX task_tenant ON task_extra (tenant) WHERE tenant IS NOT NULL;
CREATE INDEX task_session ON task_extra (session) WHERE session IS NOT NULL;
DROP VIEW tasks;
${tasksView(`extra.tenant, extra.session, coalesce(extra.weight, 1) AS weight, extra.size, extra.region,
  (SELECT group_concat(value ->> 'limit' || ' ' || (value ->> 'amount'), ', ') FROM json_each(extra.uses)) AS uses,
  iif(spec.preemptible, 'yes', 'no') AS preemptible, `)}
`;

/** The nth entry brings a file from version n to n + 1 (the first makes the tables). Append only. */
export const MIGRATIONS: readonly Migration[] = [{ sql: VERSION_1 }, { sql: VERSION_2 }];

/** Tables without which a file is not whole. */
export const TABLES = ["meta", "spec", "agent", "flow", "task", "task_extra", "attempt", "log", "setting", "request"] as const;
