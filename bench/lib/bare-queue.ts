/**
 * The least that a simulation of an M/M/k queue can do: one heap of events, a first-come-first-served queue, the sum of the
 * sojourns. No scheduler, no policy, no results: the yardstick of what the full core costs.
 */
import { EventHeap } from "../../src/sim/driver/event-heap.ts";
import { Random } from "../../src/sim/random.ts";

export interface BareRun {
  readonly events: number;
  readonly meanSojourn: number;
}

/** Services have a mean of 1; so many tasks arrive at `rho * servers` a unit of time. */
export function simulateBareQueue(servers: number, rho: number, tasks: number, seed: number): BareRun {
  const heap = new EventHeap();
  const gaps = new Random(seed, 1);
  const services = new Random(seed, 2);
  const arrival = servers; // The heap holds servers by the end of their service, and the next arrival.
  const free = Array.from({ length: servers }, (_, server) => server);
  const arrivedAt = new Float64Array(servers);
  let waiting: number[] = [];
  let head = 0;
  let left = tasks;
  let events = 0;
  let sojourns = 0;
  const begin = (server: number, since: number, now: number): void => {
    arrivedAt[server] = since;
    heap.push(now + services.exponential(), server);
  };
  heap.push(gaps.exponential() / (rho * servers), arrival);
  while (heap.size > 0) {
    const now = heap.firstAt;
    const item = heap.pop();
    events += 1;
    if (item === arrival) {
      if (--left > 0) heap.push(now + gaps.exponential() / (rho * servers), arrival);
      const server = free.pop();
      if (server === undefined) waiting.push(now);
      else begin(server, now, now);
      continue;
    }
    sojourns += now - arrivedAt[item]!;
    if (head < waiting.length) begin(item, waiting[head++]!, now);
    else free.push(item);
    if (head > 1_000 && head * 2 > waiting.length) {
      waiting = waiting.slice(head);
      head = 0;
    }
  }
  return { events, meanSojourn: sojourns / tasks };
}
