/** Ctrl-C and friends, counted: each press means it more. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Calls `onSignal` with 1, 2, 3, …; returns how to stop listening. */
export function onSignals(onSignal: (count: number) => void): () => void {
  let count = 0;
  const listener = (): void => onSignal(++count);
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
