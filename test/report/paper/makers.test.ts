import { expect, test } from "vitest";
import { collectMakers, strategyOf } from "../../../src/report/paper/makers.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

test("says how each trained variant was made, users and items together", async () => {
  const { db } = memory;
  await db.run(`create table variants as select * from (values
    ('base', 'item', 'base', 'none', null, null::integer, null::integer, null, null, null, null),
    ('base', 'user', 'base', 'none', null, null, null, null, null, null, null),
    ('filter', 'item', 'knowledge', 'knowledge', 'filter', null, 3, 'openai', 'm-7B', 'n-72B', 'bge-m3'),
    ('filter', 'user', 'knowledge', 'knowledge', 'filter', null, 3, 'openai', 'm-7B', 'n-72B', 'bge-m3'),
    ('items', 'item', 'knowledge', 'run', 'iterate', 2, null, 'openai', 'm-7B', 'm-7B', 'bge-m3'),
    ('items', 'user', 'knowledge', 'none', null, null, null, null, null, null, null),
    ('half', 'item', 'knowledge', 'knowledge', 'iterate', 1, null, 'openai', 'm-7B', 'm-7B', 'bge-m3'),
    ('half', 'user', 'knowledge', 'knowledge', 'iterate', 1, null, 'profiler', null, null, 'bge-m3'),
    ('others', 'item', 'texts', 'knowledge', 'reason', null, null, 'openai', 'm-7B', null, 'bge-m3')
  ) as t(variant, subject, role, origin, strategy, rounds, samples, actor_provider, actor_model, reflector_model, encoder)`);
  const makers = await collectMakers(db);
  const told = makers.map((maker) => [
    ...[maker.variant, strategyOf(maker), maker.reflectorModel],
    ...[maker.isWhole, maker.isProfiler],
  ]);
  expect(told).toEqual([
    ["base", "origin unknown", null, true, false],
    ["filter", "filter, N = 3", "n-72B", true, false],
    ["half", "iterate, T = 1", "m-7B", false, true],
    ["items", "iterate, T = 2", "m-7B", false, false],
  ]);
});
