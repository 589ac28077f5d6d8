/** Schedules the faults of a seed that do not hang on a call or a message: crashes, pauses, clock steps, agents that go away. */
import type { CloseMode } from "../../src/engine/types.ts";
import type { Lives } from "./lives.ts";
import type { Random } from "./random.ts";
import { agentSpecs } from "./tasks.ts";
import { hit, type World } from "./world.ts";

export function scheduleFaults(world: World, lives: Lives): void {
  const { swarm, time } = world;
  const random = world.random.fork("nemesis");
  const times = (count: number, run: () => void): void => {
    for (let index = 0; index < count; index++) time.after(random.int(swarm.faultPhaseMs), () => world.faulty && run());
  };
  times(swarm.kills, () => {
    hit(world, "engine-kill");
    lives.kill();
  });
  times(swarm.zombies, () => lives.zombie());
  times(swarm.reopens, () => void lives.reopen(random.pick<CloseMode>(["drain", "leave", "now"])));
  times(swarm.stalls, () => {
    hit(world, "engine-stall");
    time.now += random.between(1, 20_000);
  });
  times(swarm.clockForward, () => {
    hit(world, "clock-forward");
    time.wallOffset += random.pick([1, 1_000, 60_000, 86_400_000]);
  });
  times(swarm.clockBackward, () => {
    hit(world, "clock-backward");
    time.wallOffset -= random.pick([1, 1_000, 60_000, 3_600_000]);
  });
  times(swarm.agentCrashes, () => {
    hit(world, "agent-crash");
    void replaceAgent(world, lives, random, "crash");
  });
  times(swarm.agentDrains, () => {
    hit(world, "agent-drain");
    void replaceAgent(world, lives, random, "drain");
  });
  times(swarm.agentRejoins, () => {
    hit(world, "agent-rejoin");
    void replaceAgent(world, lives, random, "rejoin");
  });
  if (swarm.silentAgents) times(swarm.faultPhaseMs / 5_000, () => void returnSilent(world, lives));
}

async function replaceAgent(world: World, lives: Lives, random: Random, how: "crash" | "drain" | "rejoin"): Promise<void> {
  const life = lives.current;
  if (!life.isUp || life.agents.size === 0) return;
  const name = random.pick([...life.agents.keys()]);
  world.log.add(`agent ${name} ${how}`);
  if (how === "rejoin") life.agents.get(name)?.agent.die();
  else void lives.leave(life, name, how === "drain");
  await world.time.sleep(how === "rejoin" ? random.int(200) : random.int(5_000));
  if (life.isUp) await lives.join(life, name);
}

/** Agents that the engine has given up join again. */
async function returnSilent(world: World, lives: Lives): Promise<void> {
  const life = lives.current;
  if (!life.isUp || life.engine === undefined) return;
  const present = new Set(life.engine.agents().map(({ spec }) => spec.name));
  for (const { name } of agentSpecs(world)) {
    const known = life.agents.get(name);
    if (known === undefined || present.has(name)) continue;
    hit(world, "agent-silent");
    await lives.join(life, name);
  }
}
