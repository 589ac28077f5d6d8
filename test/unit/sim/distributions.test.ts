// Distributions have the means and variances that they say, and bad ones are refused by name.
import assert from "node:assert/strict";
import { test } from "node:test";
import { balancedHyperexponential, DISTRIBUTION_FORMS, parseDistribution } from "../../../src/sim/distributions.ts";
import { Random } from "../../../src/sim/random.ts";
import { SimulationRefusal } from "../../../src/sim/refusal.ts";

const DRAWS = 200_000;

for (const text of ["exp:2", "det:3", "h2:0.9:2:0.2", "bounded-pareto:2.5:1:100", "lognormal:2:0.5", "uniform:1:5"]) {
  test(`${text} has the mean and variation that it says`, () => {
    const distribution = parseDistribution(text, "service");
    const random = new Random(7, 1);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < DRAWS; i++) {
      const value = distribution.draw(random);
      assert.ok(value >= 0 && Number.isFinite(value));
      sum += value;
      squares += value * value;
    }
    const mean = sum / DRAWS;
    assert.ok(Math.abs(mean / distribution.mean - 1) < 0.02, `mean ${mean}, expected ${distribution.mean}`);
    const scv = squares / DRAWS / (mean * mean) - 1;
    assert.ok(Math.abs(scv - distribution.scv) < 0.05 + 0.05 * distribution.scv, `variation ${scv}, expected ${distribution.scv}`);
    assert.equal(distribution.text, text);
  });
}

test("a hyperexponential distribution is made for a mean and a variation", () => {
  const { mean, scv } = balancedHyperexponential(4, 9);
  assert.ok(Math.abs(mean - 4) < 1e-9);
  assert.ok(Math.abs(scv - 9) < 1e-9);
});

test("a seed gives the same numbers, another stream gives others", () => {
  const draw = (seed: number, stream: number): readonly number[] => {
    const random = new Random(seed, stream);
    return Array.from({ length: 5 }, () => random.next());
  };
  assert.deepEqual(draw(1, 1), draw(1, 1));
  assert.notDeepEqual(draw(1, 1), draw(1, 2));
  assert.notDeepEqual(draw(1, 1), draw(2, 1));
});

test("bad distributions are refused with what was expected", () => {
  const refused = (text: string, expected: RegExp): void => {
    assert.throws(() => parseDistribution(text, "service"), (error) => error instanceof SimulationRefusal && error.code === "invalid_option" && expected.test(error.message));
  };
  refused("gauss:1", /one of exp:MEAN, det:VALUE/);
  refused("exp", /exp:MEAN with positive numbers/);
  refused("exp:-1", /positive/);
  refused("exp:NaN", /positive/);
  refused("h2:2:1:1", /P is a probability/);
  refused("bounded-pareto:1:5:2", /LOW is less than HIGH/);
  assert.equal(DISTRIBUTION_FORMS.length, 6);
});
