/** x */
export { defineTask, type InputOf, type ResultOf, type TaskDefinition } from "./define-task.ts";
export type { TaskContext } from "../engine/context.ts";
