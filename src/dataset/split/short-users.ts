import type { Protocol } from "../../base/terms.ts";
import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";

export interface ShortUsersOptions {
  readonly protocol: Protocol;
  readonly contextRows: number;
  /** Names a user as the source does. */
  readonly nameOf: (id: number) => Promise<string>;
}

/** What to say of users of `interactions` who have too few events for a single CTR row; undefined without such users. */
export async function shortUsersFault(
  db: Database,
  { protocol, contextRows, nameOf }: ShortUsersOptions,
): Promise<string | undefined> {
  // The context, the row that the reference drops, and the row itself.
  const needed = contextRows + (protocol === "reference" ? 2 : 1);
  const [first] = await db.rows(sqlFile("timeline/short_users"), { needed });
  if (first === undefined) return undefined;
  return (
    `${String(first["short_users"])} user(s) have fewer than the ${needed} events protocol ${protocol} needs ` +
    `(${contextRows} for the context), first user ${await nameOf(Number(first["user_id"]))} with ${String(first["events"])}. ` +
    "Leave them out with --set dataset.shortUsers=drop, or shorten the context with --set contexts.history=N."
  );
}
