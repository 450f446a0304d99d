import { expect, test } from "vitest";
import { collectCosts } from "../../../src/report/compare/collect-costs.ts";
import { costTotal, dollarText } from "../../../src/report/compare/cost-texts.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

test("costs are summed by who was asked; texts that share a request for vectors are one request", async () => {
  await memory.db.run(
    `create table requests as select * from (values
       ('actor', 'large', 'k1', 'ok', 100, 20, 0.5::double),
       ('actor', 'large', 'k2', 'ok', 100, null, null),
       ('actor', 'large', 'k3', 'failed', null, null, null),
       ('reflector', 'small', 'k4', 'ok', 10, 5, 0.25),
       ('encoder', 'vec', 'k5', 'ok', 7, null, 0.01),
       ('encoder', 'vec', 'k5', 'ok', 8, null, 0.02)
     ) as v(role, model, key, status, prompt_tokens, completion_tokens, cost_usd)`,
  );
  const costs = await collectCosts(memory.db);
  expect(costs).toEqual([
    {
      ...{ role: "actor", model: "large", requests: 3, promptTokens: 200 },
      ...{ completionTokens: 20, costUsd: 0.5, isPartlyUnpriced: true },
    },
    {
      ...{ role: "reflector", model: "small", requests: 1, promptTokens: 10 },
      ...{ completionTokens: 5, costUsd: 0.25, isPartlyUnpriced: false },
    },
    {
      ...{ role: "encoder", model: "vec", requests: 1, promptTokens: 15 },
      ...{ completionTokens: null, costUsd: 0.03, isPartlyUnpriced: false },
    },
  ]);
  const total = costTotal(costs);
  expect(total).toMatchObject({ requests: 5, promptTokens: 225, completionTokens: 25 });
  expect(total.costUsd).toBeCloseTo(0.78, 12);
  expect(dollarText(total)).toBe("$0.7800 and what has no price");
});

test("nothing was asked: nothing is counted, and nothing is called free of charge", () => {
  expect(costTotal([])).toMatchObject({ requests: 0, promptTokens: null, costUsd: null });
  expect(dollarText({ costUsd: null, isPartlyUnpriced: true })).toBe("no price");
  expect(dollarText({ costUsd: 12.5, isPartlyUnpriced: false })).toBe("$12.50");
});
