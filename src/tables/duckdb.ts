import { createRequire } from "node:module";
import type * as DuckDBClient from "@duckdb/node-api";

/** DuckDB's client. Required, not imported: to find the names it exports, Node would lex its 150 files in every thread, 0.1 s each. */
export const duckdb = createRequire(import.meta.url)("@duckdb/node-api") as typeof DuckDBClient;
