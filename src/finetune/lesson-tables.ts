import type { Catalog } from "../flow/stage.ts";

/** The tables of lessons, each without parts. */
export const lessonTables: Catalog = { sft_reason: [], sft_refine: [], sft_reflect: [] };
