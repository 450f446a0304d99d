import type { TrainerName } from "../trainer-names.ts";
import { axolotl } from "./axolotl-format.ts";
import type { ExportFormat } from "./export-format.ts";
import { llamaFactory } from "./llama-factory-format.ts";
import { openai } from "./openai-format.ts";
import { trl } from "./trl-format.ts";

/** The trainers that folders can be made for, by the name of the option. */
export const exportFormats = {
  openai,
  "llama-factory": llamaFactory,
  trl,
  axolotl,
} as const satisfies Readonly<Record<TrainerName, ExportFormat>>;
