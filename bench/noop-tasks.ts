/** The handlers of the agents' benchmark. */
export const tasks = {
  noop: () => undefined,
};
