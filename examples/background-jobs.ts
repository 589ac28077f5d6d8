/**
 * Background jobs in a program: retries, priorities, an idempotency key, a deadline, and a graceful end. Run it in the clone with
 * `npx node examples/background-jobs.ts [FILE]`; what FILE (default background-jobs.db) holds goes on at the next start.
 */
import { defineTask, NonRetryableError, open, TaskFailedError } from "makespan";

const sendMail = defineTask({
  type: "send-mail",
  retries: { limit: 3, backoff: "exponential", delayMs: 20 },
  timeoutMs: 5_000,
  concurrency: 2,
  handler: async (mail: { to: string }, { attempt, log }) => {
    if (!mail.to.includes("@")) throw new NonRetryableError(`${mail.to} is no address`);
    if (attempt === 1) throw new Error("the mail server is busy");
    log(`sent to ${mail.to}`);
    return { to: mail.to, attempt };
  },
});
const report = defineTask({ type: "report", handler: async (day: string) => `report of ${day}` });

const app = await open({ path: process.argv[2] ?? "background-jobs.db", tasks: [sendMail, report] });
// A real program would do this on SIGTERM: what has not ended goes on at the next open().
process.once("SIGTERM", () => void app.close({ mode: "leave", timeoutMs: 10_000 }));

// A key makes a submission safe to repeat: the same order never gets two mails.
const welcome = await app.submit(sendMail, { to: "ada@example.org" }, { key: "welcome ada", priority: "high" });
const again = await app.submit(sendMail, { to: "ada@example.org" }, { key: "welcome ada" });
console.log("same task:", welcome.id === again.id);
console.log("mail:", await welcome.result());

const wrong = await app.submit(sendMail, { to: "nobody" });
await wrong.result().catch((error: unknown) => {
  if (!(error instanceof TaskFailedError)) throw error;
  console.log(`${error.state} after ${error.attempts} attempt: ${error.error?.message}`);
});

// Worth nothing after its deadline: it expires instead of running late.
const late = await app.submit(report, "yesterday", { delayMs: 60_000, deadlineAt: Date.now() + 10 });
const inTime = await app.submit(report, "today", { deadlineAt: Date.now() + 60_000 });
console.log(await inTime.result());
await late.result().catch((error: unknown) => console.log(error instanceof TaskFailedError ? error.state : error));

const { kpis } = await app.stats();
console.log(`${kpis.tasks.succeeded} succeeded, ${kpis.tasks.failed} failed, ${kpis.tasks.expired} expired`);
await app.close(); // waits for what runs
