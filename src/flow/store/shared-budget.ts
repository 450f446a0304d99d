/**
 * @file What several processes may spend together, divided by files in the run's store: `jobs/<stage>/budget/<number>.json`, a part that a
 * process has taken, and `<holder>.json`, what a process has spent in the end of all its parts.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { folderStore } from "./folder-store.ts";
import { isStoreUri, openRunStore } from "./open-run-store.ts";
import type { RunStore } from "./run-store.ts";
import { jsonIn } from "./store-content.ts";

/** Requests, and US dollars. */
export interface Spending {
  readonly requests: number;
  readonly costUsd: number;
}

/** What a process needs of a budget. */
export interface BudgetWant {
  /** Of all processes together; absent: no limit. */
  readonly limit: Partial<Spending>;
  /** What had been spent when this process began. The first to take anything notes it for all. */
  readonly before: Spending;
  /** The least that is of use. */
  readonly least: Spending;
}

/** A budget of several processes, of which this one takes parts. */
export interface SharedBudget {
  /** @returns The part, null where there is not as much left; and what was spent before or is taken, by all processes */
  readonly take: (want: BudgetWant) => Promise<{ part: Spending | null; taken: Spending }>;
  /** Gives back what this process has taken and not spent. It takes no more afterwards. */
  readonly settle: (spent: Spending) => Promise<void>;
}

/** Where processes that work at the same run find what they share. */
export interface SharedPlace {
  /** The run's folder, or its place in a store. */
  readonly place: string;
  /** Variables that say how stores are reached. Default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface SharedBudgetOptions extends SharedPlace {
  readonly stage: string;
  /** The part of the processes at work that this one is, above 0, at most 1. */
  readonly share: number;
}

const entry = z.object({ holder: z.string(), requests: z.number(), costUsd: z.number() });
type Entry = z.output<typeof entry>;

/** Into how many parts a process would cut its share: what is lost with one that is killed is small, and parts are seldom taken. */
const partsPerShare = 8;

/**
 * A process's access to the budget of a stage. A part is a file with the next number, of which one writer wins, and each is taken in
 * knowledge of all before it: together they are never more than the limit. The part of a process that was killed counts as spent.
 */
export function sharedBudget({
  place,
  environment = {},
  stage,
  share,
}: SharedBudgetOptions): SharedBudget {
  const holder = randomUUID();
  const prefix = budgetPrefix(stage);
  const known = new Map<string, Entry>();
  let hasTaken = false;
  const open = (): Promise<RunStore> =>
    isStoreUri(place)
      ? openRunStore(place, { environment, isWritten: false })
      : Promise.resolve(folderStore(place));

  /** Reads what is new: no entry is ever changed. */
  const readNew = async (store: RunStore): Promise<void> => {
    for await (const { key } of store.list(prefix)) {
      if (known.has(key)) continue;
      const content = await store.get(key);
      if (content === null) continue;
      const found = entry.safeParse(jsonIn(content));
      if (!found.success) {
        throw new FlowError(
          "RUN_INVALID",
          `${store.name}/${key} is damaged. Stop the jobs of this run, delete ${prefix} there, and run it again.`,
        );
      }
      known.set(key, found.data);
    }
  };
  const add = (store: RunStore, name: string, of: Spending): Promise<boolean> =>
    store.putIfAbsent(`${prefix}${name}.json`, `${JSON.stringify({ holder, ...of })}\n`);

  return {
    take: ({ limit, before, least }) =>
      using(open, async (store) => {
        for (;;) {
          await readNew(store);
          const count = [...known.keys()].filter((key) => numbered.test(key)).length;
          const name = String(count).padStart(6, "0");
          if (count === 0) {
            await add(store, name, before);
            continue;
          }
          const taken = totalOf(known);
          const part = partOf(limit, taken, least, share / partsPerShare);
          if (part === null) return { part, taken };
          if (!(await add(store, name, part))) continue; // another was first
          hasTaken = true;
          return { part, taken: sum([taken, part]) };
        }
      }),
    settle: async (spent) => {
      if (!hasTaken) return;
      await using(open, (store) => add(store, holder, spent));
    },
  };
}

/** Where the entries of a stage are. */
export function budgetPrefix(stage: string): string {
  return `jobs/${stage}/budget/`;
}

const numbered = /\/\d{6}\.json$/;

async function using<T>(
  open: () => Promise<RunStore>,
  use: (store: RunStore) => Promise<T>,
): Promise<T> {
  const store = await open();
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** What the first entry says, what those who have settled have spent, and what the others have taken. */
function totalOf(entries: ReadonlyMap<string, Entry>): Spending {
  const settled = new Map(
    [...entries].flatMap(([key, one]) => (numbered.test(key) ? [] : [[one.holder, one] as const])),
  );
  const [first, ...parts] = [...entries]
    .filter(([key]) => numbered.test(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one);
  return sum([
    ...(first === undefined ? [] : [first]),
    ...parts.filter((part) => !settled.has(part.holder)),
    ...settled.values(),
  ]);
}

function sum(all: readonly Spending[]): Spending {
  return {
    requests: all.reduce((total, { requests }) => total + requests, 0),
    costUsd: all.reduce((total, { costUsd }) => total + costUsd, 0),
  };
}

/** A share of the limit, at least what is of use; null where so much is not left. What has no limit is not counted. */
function partOf(
  limit: Partial<Spending>,
  taken: Spending,
  least: Spending,
  share: number,
): Spending | null {
  const part = { requests: 0, costUsd: 0 };
  for (const kind of ["requests", "costUsd"] as const) {
    const most = limit[kind];
    if (most === undefined) continue;
    const left = most - taken[kind];
    if (least[kind] > left) return null;
    const fair = kind === "requests" ? Math.ceil(most * share) : most * share;
    part[kind] = Math.min(left, Math.max(least[kind], fair));
  }
  return part;
}
