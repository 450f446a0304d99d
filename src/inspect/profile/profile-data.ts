import { z } from "zod";

/** Row schemas of the saved queries that a profile shows. Columns are named as in sql/inspect. */
export const profileRows = {
  dataset: z.object({
    interactions: z.number(),
    users: z.number(),
    items_met: z.number(),
    items_listed: z.number(),
    label_rate: z.number().nullable(),
    interactions_a_user: z.number().nullable(),
    interactions_an_item: z.number().nullable(),
    density: z.number().nullable(),
    first_ts: z.date().nullable(),
    last_ts: z.date().nullable(),
  }),
  ingest_steps: z.object({
    step: z.string(),
    reason: z.string(),
    rows: z.number(),
    share: z.number().nullable(),
  }),
  rejects: z.object({
    source: z.string(),
    reason: z.string(),
    rows: z.number(),
    first_file: z.string().nullable(),
    first_line: z.number().nullable(),
  }),
  user_activity: z.object({
    from_events: z.number(),
    to_events: z.number(),
    users: z.number(),
    user_share: z.number(),
    interaction_share: z.number(),
  }),
  item_popularity: z.object({
    from_events: z.number(),
    to_events: z.number(),
    items: z.number(),
    item_share: z.number(),
    interaction_share: z.number(),
  }),
  popularity_concentration: z.object({ top_share: z.number(), interaction_share: z.number() }),
  ratings: z.object({ rating: z.number(), label: z.number(), interactions: z.number() }),
  label_rate_over_time: z.object({
    from_ts: z.date(),
    to_ts: z.date(),
    interactions: z.number(),
    label_rate: z.number(),
  }),
  splits_over_time: z.object({
    from_ts: z.date(),
    to_ts: z.date(),
    role: z.string(),
    interactions: z.number(),
  }),
  splits: z.object({
    role: z.string(),
    rows: z.number(),
    share: z.number(),
    users: z.number(),
    items: z.number(),
    label_rate: z.number(),
    first_ts: z.date(),
    last_ts: z.date(),
  }),
  history_lengths: z.object({ split: z.string(), events: z.number(), rows: z.number() }),
  cold_start: z.object({
    split: z.string(),
    is_new_user: z.boolean(),
    is_cold_item: z.boolean(),
    rows: z.number(),
    share: z.number(),
    label_rate: z.number(),
  }),
  context_coverage: z.object({
    subject: z.string(),
    context: z.string(),
    subjects: z.number(),
    subject_share: z.number(),
    test_rows: z.number(),
    test_share: z.number().nullable(),
  }),
  attribute_values: z.object({
    subject: z.string(),
    attribute: z.string(),
    value: z.string(),
    subjects: z.number(),
    share: z.number(),
    values: z.number(),
  }),
} as const;

type ProfileQuery = keyof typeof profileRows;

/** A row of a saved query. */
export type ProfileRow<Query extends ProfileQuery> = z.infer<(typeof profileRows)[Query]>;

/** The rows of each saved query; null if the run does not have its tables yet. */
export type ProfileData = {
  readonly [Query in ProfileQuery]: readonly ProfileRow<Query>[] | null;
};
