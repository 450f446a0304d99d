/** The trainers elsewhere that folders can be made for, by the names of options and settings. */
export const trainerNames = ["openai", "llama-factory", "trl", "axolotl"] as const;

/** Name of a trainer elsewhere. */
export type TrainerName = (typeof trainerNames)[number];
