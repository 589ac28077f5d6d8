// Made-up runs for the reports: a flow in layers on agents of several kinds, from one seed, as large as asked for. The durations,
// waits, failures and critical path follow from a small list scheduler, so that the numbers of a page agree with each other.
import { Random } from "../../src/core/struct/random.ts";
import type { AttemptOutcome, ReportAttempt, RunReportData } from "../../src/cli/report/data.ts";
import { criticalPath } from "../../src/monitor/critical-path.ts";
import { createRunKpis } from "../../src/monitor/kpi.ts";
