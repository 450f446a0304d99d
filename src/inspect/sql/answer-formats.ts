/** Formats of text, that an answer is printed in. */
export const textFormats = ["table", "json", "csv"] as const;
export type TextFormat = (typeof textFormats)[number];

/** Formats of files; Parquet is written by DuckDB itself. */
export const answerFormats = [...textFormats, "parquet"] as const;
export type AnswerFormat = (typeof answerFormats)[number];

/** Rows printed unless more are asked for. */
export const usualRows = 1000;
