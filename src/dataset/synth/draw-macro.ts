import type { Database } from "../../tables/database.ts";

/**
 * Defines `draw(seed, stream, x)` for the statements of `synth/`: a pseudorandom number from 0 to 2^32 - 1 that depends only on
 * its arguments, on every machine and in every version of DuckDB; DuckDB's own `hash` does not promise that.
 *
 * Integer mixing with the constants of "lowbias32" (Chris Wellons, Prospecting for Hash Functions, 2018); the products of two
 * 32-bit numbers fit 64 bits.
 */
export async function defineDraw(db: Database): Promise<void> {
  const low = "& 4294967295::ubigint";
  await db.run(`create or replace macro mix_1(x) as xor(x, x >> 16) * 2146121005::ubigint ${low}`);
  await db.run(`create or replace macro mix_2(x) as xor(x, x >> 15) * 2221713035::ubigint ${low}`);
  await db.run("create or replace macro mix_3(x) as xor(x, x >> 16)");
  await db.run(
    "create or replace macro draw(seed, stream, x) as " +
      `mix_3(mix_2(mix_1(xor(x::ubigint ${low}, (seed * 668265263 + stream * 2654435769)::ubigint ${low}))))::bigint`,
  );
}
