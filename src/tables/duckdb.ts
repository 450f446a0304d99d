import { createRequire } from "node:module";
import type * as DuckDBClient from "@duckdb/node-api";

/** DuckDB's client. Loaded by `require`: with `import`, Node would parse its 150 files for export names in every thread, 0.1 s each time. */
export const duckdb = createRequire(import.meta.url)("@duckdb/node-api") as typeof DuckDBClient;
