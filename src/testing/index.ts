/** The test kit, `makespan/testing`: an app in memory on a virtual clock. */
export { openForTest, type TestApp, type TestOptions } from "./open-for-test.ts";
export { VirtualClock } from "./virtual-clock.ts";
