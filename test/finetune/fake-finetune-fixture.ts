import { createFinetuneTask } from "../../src/finetune/finetune-task.ts";
import { fakeTools } from "./fake-tools.ts";

/** A task that a test names by its module. */
export const fakeFinetune = createFinetuneTask(fakeTools());
