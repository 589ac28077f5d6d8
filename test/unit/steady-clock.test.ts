/** The engine's time never goes back, and goes on while its clock catches up. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { steadyClock } from "../../src/engine/steady-clock.ts";
import { systemClock } from "../../src/engine/clock.ts";

describe("steady clock", () => {
  it("shows what its clock shows while that goes forward", () => {
    let wall = 1_000;
    const clock = steadyClock({ ...systemClock, now: () => wall });
    assert.equal(clock.now(), 1_000);
    wall = 1_500;
    assert.equal(clock.now(), 1_500);
    wall = 90_000_000;
    assert.equal(clock.now(), 90_000_000);
  });

  it("goes on at half speed after a step back, until the clock has caught up", () => {
    let wall = 10_000;
    const clock = steadyClock({ ...systemClock, now: () => wall });
    clock.now();
    wall = 9_000;
    assert.equal(clock.now(), 10_000);
    wall = 9_500;
    assert.equal(clock.now(), 10_250);
    wall = 11_000;
    assert.equal(clock.now(), 11_000);
    wall = 11_100;
    assert.equal(clock.now(), 11_100);
  });

  it("loses no time to readings that are close together", () => {
    let wall = 10_000;
    const clock = steadyClock({ ...systemClock, now: () => wall });
    wall = 0;
    clock.now();
    for (let reading = 0; reading < 1_000; reading++) {
      wall += 1;
      clock.now();
    }
    assert.equal(clock.now(), 10_500);
  });
});
