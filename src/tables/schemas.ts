import type { Subject } from "../base/terms.ts";
/** @file The schema of every table in one place. Checked whenever a part is written. */

/** One column. `type` is DuckDB's name for it, exactly as `describe` prints it. */
export interface Column {
  readonly name: string;
  readonly type: string;
  /** What it holds, with unit and range. */
  readonly about: string;
  /** Whether the table has the column only in some runs; `about` says in which. Default false. */
  readonly isOptional?: boolean;
}

/** A table: what one row is (`grain`), the order rows are written in, and its columns in order. */
export interface TableSchema {
  readonly name: string;
  readonly about: string;
  readonly grain: readonly string[];
  readonly order: readonly string[];
  readonly columns: readonly Column[];
}

const column = (name: string, type: string, about: string): Column => ({ name, type, about });

const userId = column("user_id", "INTEGER", "user, as in the source or its user_dictionary");
const itemId = column(
  "item_id",
  "INTEGER",
  "item, as in the source or its item_dictionary; 0 never occurs",
);
const ts = column("ts", "TIMESTAMP", "time of the event, UTC");
const rating = column("rating", "FLOAT", "rating in the source's stars");
const weight: Column = {
  ...column(
    "weight",
    "FLOAT",
    "what the row counts in training, at least 0; only where dataset.columns.weight names a column",
  ),
  isOptional: true,
};
const label = column("label", "TINYINT", "1 liked (rating above the threshold), 0 not");
const knowledgeVariant = column(
  "variant",
  "VARCHAR",
  "whose it is: r4ec, r2ec, kar or, of embeddings alone, a variant given by path",
);
const split = column("split", "VARCHAR", "train, valid or test");
const attributes = column(
  "attributes",
  "MAP(VARCHAR, VARCHAR[])",
  "attribute name to its values, first value first, e.g. attributes['genre'][1]",
);

const historyColumns = (prefix: string, whose: string): readonly Column[] => [
  column(`${prefix}items`, "INTEGER[]", `${whose}, oldest first`),
  column(`${prefix}ratings`, "FLOAT[]", "the rating given to each of them, stars"),
];

const knowledge = (subject: Subject): TableSchema => ({
  name: `${subject}_knowledge`,
  about: `What actor and reflector said about each ${subject}, every round kept.`,
  grain: ["variant", `${subject}_id`, "sample", "round", "role"],
  order: ["variant", `${subject}_id`, "sample", "round", "role"],
  columns: [
    knowledgeVariant,
    subject === "user" ? userId : itemId,
    column(
      "sample",
      "INTEGER",
      "which of the texts written for it, from 0; 0 alone but for strategy filter",
    ),
    column("round", "INTEGER", "0 = first reasoning; r = r-th refinement"),
    column("role", "VARCHAR", "actor or reflector"),
    column("task", "VARCHAR", "reason, reflect or refine"),
    column("text", "VARCHAR", "actor: the knowledge text; reflector: its raw answer"),
    column("judgement", "VARCHAR", "reflector: reasonable or unreasonable; null for the actor"),
    column("reflection", "VARCHAR", "reflector: what is wrong and why; null when reasonable"),
    column(
      "is_final",
      "BOOLEAN",
      "an actor text that is encoded; one a subject, of strategy filter as many as are kept; none where there is no text",
    ),
    column("provider", "VARCHAR", "who answered: profiler or a chat provider"),
    column("model", "VARCHAR", "model name as the provider knows it"),
    column("prompt_version", "VARCHAR", "version of the prompt or rules used"),
    column("error", "VARCHAR", "why there is no text; null when there is"),
  ],
});

const requests: TableSchema = {
  name: "requests",
  about:
    "Every prompt that knowledge took, and every text sent to a remote encoder, with what it cost; an answer paid for in an earlier run says so.",
  grain: ["variant", "subject", "subject_id", "sample", "round", "role", "task", "ask"],
  order: ["variant", "subject", "subject_id", "sample", "round", "role", "task", "ask"],
  columns: [
    column("variant", "VARCHAR", "whose knowledge it was for; null for the teacher's"),
    column("subject", "VARCHAR", "user or item"),
    column("subject_id", "INTEGER", "user or item, as in the source"),
    column("sample", "INTEGER", "which of the texts written for it, from 0"),
    column("round", "INTEGER", "0 = first reasoning; r = r-th refinement"),
    column("role", "VARCHAR", "actor, reflector, teacher or encoder"),
    column(
      "task",
      "VARCHAR",
      "reason, reflect or refine; the teacher's begin with construct-; embed: a text's share of a request for vectors",
    ),
    column("ask", "INTEGER", "0 = first; above, asked again because the answer could not be read"),
    column("provider", "VARCHAR", "openai, gguf, batch-jsonl or openai-batch"),
    column("model", "VARCHAR", "model name as the provider knows it"),
    column("prompt_version", "VARCHAR", "version of the prompt"),
    column("key", "VARCHAR", "sha256 of what was asked: the answer's name in the cache"),
    column("status", "VARCHAR", "ok, rejected, filtered, length, empty or failed"),
    column("prompt_tokens", "INTEGER", "null where the server does not say"),
    column("completion_tokens", "INTEGER", "null where the server does not say"),
    column(
      "cached_tokens",
      "INTEGER",
      "of the prompt, from the server's prefix cache; null = unknown",
    ),
    column("cost_usd", "DOUBLE", "US dollars when it was paid; null without a price"),
    column("latency_ms", "DOUBLE", "of the attempt that was answered"),
    column("attempts", "INTEGER", "how often it was sent"),
    column("is_cached", "BOOLEAN", "true when nothing was sent for it in this attempt of the task"),
    column("error", "VARCHAR", "why there is no answer; null when there is"),
  ],
};

/** Which trained model a row is about. */
const modelColumns: readonly Column[] = [
  column("backbone", "VARCHAR", "CTR backbone"),
  column("variant", "VARCHAR", "what the model is given: base, knowledge or a control"),
  column("trial", "INTEGER", "place in the grid of settings, from 0; 0 without a grid"),
  column("seed", "INTEGER", "of initialisation and shuffling"),
];

const subjectColumns: readonly Column[] = [
  column("subject", "VARCHAR", "user or item"),
  column("subject_id", "INTEGER", "user or item, as in the source"),
];

/** What a model is fine-tuned on; `kind` completes the table's name. */
const fineTuning = (kind: "reason" | "refine" | "reflect", about: string): TableSchema => ({
  name: `sft_${kind}`,
  about,
  grain: ["subject", "subject_id", "sample"],
  order: ["subject", "subject_id", "sample"],
  columns: [
    ...subjectColumns,
    column("sample", "INTEGER", "which of the teacher's inferences, from 0"),
    column(
      "messages",
      "VARCHAR",
      "the prompt as used at inference, without target and verdict: JSON list of {role, content}",
    ),
    column("completion", "VARCHAR", "what the model is to answer, as it is read at inference"),
    ...(kind === "reflect" ? [column("judgement", "VARCHAR", "reasonable or unreasonable")] : []),
    column(
      "words",
      "INTEGER",
      kind === "reflect" ? "of the reflection; 0 when reasonable" : "of the completion",
    ),
    column("prompt_version", "VARCHAR", "version of the inference prompt"),
  ],
});

const encoderHash =
  "identity of the encoder's files and settings: equal ones give equal vectors of equal texts";
const tokensOfTexts =
  "tokens of the texts, by the encoder's tokenizer; of a remote encoder without one, the share of what the server counted";
const truncatedTokens =
  "of these, tokens that were cut off and have no part in the vector; 0 = none";

const embeddings = (subject: Subject): TableSchema => ({
  name: `${subject}_embeddings`,
  about:
    subject === "user"
      ? "The knowledge about each user as a dense vector: of the final texts, or of the items the user liked."
      : "The final knowledge texts of each item as a dense vector.",
  grain: ["variant", `${subject}_id`],
  order: ["variant", `${subject}_id`],
  columns: [
    knowledgeVariant,
    subject === "user" ? userId : itemId,
    column(
      "encoder",
      "VARCHAR",
      "name of the encoder; of vectors given by path that do not say, the variant",
    ),
    column(
      "encoder_hash",
      "VARCHAR",
      `${encoderHash}; null for vectors given by path that do not say`,
    ),
    column(
      "vector",
      "FLOAT[]",
      "embedding; of one text of unit length unless the encoder says otherwise, of several their mean",
    ),
    column("tokens", "INTEGER", `${tokensOfTexts}; null where no text is known behind the vector`),
    column("truncated", "INTEGER", `${truncatedTokens}; null where no text is known behind it`),
    column(
      "chunks",
      "INTEGER",
      "pieces the texts were cut into, a text's vector is their mean; null where no text is known behind it",
    ),
    column(
      "texts",
      "INTEGER",
      subject === "user"
        ? "vectors averaged: of final texts or, for origin liked items, of items; null for a vector given by path"
        : "final texts whose vectors were averaged; null for a vector given by path",
    ),
    ...(subject === "user"
      ? [
          column(
            "origin",
            "VARCHAR",
            "text, liked items: the mean of the vectors of the items a less active user liked, or file",
          ),
        ]
      : []),
  ],
});

const stats = (subject: Subject): TableSchema => ({
  name: `${subject}_stats`,
  about:
    subject === "user"
      ? "What each user's context comes to in numbers: what variant base+stats is given."
      : "What each item's training rows come to in numbers: what variant base+stats is given.",
  grain: [`${subject}_id`],
  order: [`${subject}_id`],
  columns: [
    subject === "user" ? userId : itemId,
    column(
      "interactions",
      "INTEGER",
      subject === "user" ? "events of the context" : "training rows of the item",
    ),
    column("mean_rating", "DOUBLE", "of these, stars"),
    column("label_rate", "DOUBLE", "share of label 1 among them"),
  ],
});

const userTiers: TableSchema = {
  name: "user_tiers",
  about: "Which users are active enough to be asked about, when knowledge.tiers is set.",
  grain: ["user_id"],
  order: ["user_id"],
  columns: [
    userId,
    column("interactions", "INTEGER", "events of the user in context and training"),
    column(
      "is_active",
      "BOOLEAN",
      "asked about; the others' vectors are those of items they liked",
    ),
  ],
};

const dictionary = (subject: Subject): TableSchema => ({
  name: `${subject}_dictionary`,
  about: `What the source calls each ${subject}, where its ids are texts.`,
  grain: [`${subject}_id`],
  order: [`${subject}_id`],
  columns: [
    column(`${subject}_id`, "INTEGER", "number of the id, from 1, in the order of the ids' bytes"),
    column("source_id", "VARCHAR", "id in the source"),
  ],
});

const schemas = [
  {
    name: "interactions",
    about: "The source's events, typed, labelled and checked.",
    grain: ["user_id", "item_id", "ts"],
    order: ["file_row"],
    columns: [
      userId,
      itemId,
      rating,
      label,
      ts,
      weight,
      column(
        "file_row",
        "BIGINT",
        "position in the source, from 0; of several files, place of the file x 2^40 + place in it",
      ),
    ],
  },
  {
    name: "items",
    about: "Every item of the catalogue, rated or not.",
    grain: ["item_id"],
    order: ["item_id"],
    columns: [
      itemId,
      column("title", "VARCHAR", "title as shown to people"),
      column("year", "SMALLINT", "year of release; null when unknown"),
      attributes,
    ],
  },
  {
    name: "users",
    about: "Every user with at least one interaction.",
    grain: ["user_id"],
    order: ["user_id"],
    columns: [userId, attributes],
  },
  dictionary("user"),
  dictionary("item"),
  {
    name: "rejects",
    about:
      "Rows of the source that were left out because they are no valid interaction, item or user.",
    grain: ["source", "file", "line", "reason"],
    order: ["source", "file", "line", "reason"],
    columns: [
      column("source", "VARCHAR", "what the file holds: interactions, items or users"),
      column("file", "VARCHAR", "path or URL of the file"),
      column("line", "BIGINT", "line of a text, row of a Parquet file, from 1"),
      column("reason", "VARCHAR", "what is wrong with it"),
      column("content", "VARCHAR", "what it holds: 200 characters at most, none of them control"),
    ],
  },
  {
    name: "ingest_counts",
    about:
      "What became of the rows of the interactions: those read are those left out and those kept.",
    grain: ["place"],
    order: ["place"],
    columns: [
      column("place", "INTEGER", "order of the steps, from 1"),
      column("step", "VARCHAR", "read, bad row, sampling, no metadata, duplicate, k-core or kept"),
      column("reason", "VARCHAR", "why the step left them out; empty for read and kept"),
      column("rows", "BIGINT", "rows left out or, of read and kept, there"),
    ],
  },
  {
    name: "cuts",
    about:
      "Where leakfree and paper cut all interactions in time; rows between two splits are in the gap.",
    grain: ["train_until"],
    order: ["train_until"],
    columns: [
      column("train_until", "TIMESTAMP", "last instant of training rows, UTC"),
      column(
        "valid_from",
        "TIMESTAMP",
        "first instant of validation rows; null without validation",
      ),
      column(
        "valid_until",
        "TIMESTAMP",
        "last instant of validation rows; null without validation",
      ),
      column("test_from", "TIMESTAMP", "first instant of test rows"),
    ],
  },
  {
    name: "timeline",
    about: "Every interaction with its place in its user's order and its role under the protocol.",
    grain: ["user_id", "rn"],
    order: ["user_id", "rn"],
    columns: [
      userId,
      column("rn", "INTEGER", "place in the user's order, from 1"),
      itemId,
      rating,
      label,
      ts,
      weight,
      column(
        "history_rn",
        "INTEGER",
        "last place that may serve as history of this row; below rn, and below all of its ties in time under leakfree",
      ),
      column(
        "role",
        "VARCHAR",
        "context, train, valid, test, gap (between two of these in time) or dropped",
      ),
    ],
  },
  {
    name: "samples",
    about: "The CTR rows: who met what, when, with which result, after which history.",
    grain: ["user_id", "rn"],
    order: ["user_id", "rn"],
    columns: [
      userId,
      column("rn", "INTEGER", "place in the user's order, from 1"),
      itemId,
      rating,
      label,
      ts,
      weight,
      split,
      ...historyColumns("history_", "the last items before this event"),
    ],
  },
  {
    name: "user_contexts",
    about: "The user's first events, which serve neither training nor test: what the actor reads.",
    grain: ["user_id"],
    order: ["user_id"],
    columns: [
      userId,
      column("last_ts", "TIMESTAMP", "time of the last event shown, UTC"),
      ...historyColumns("history_", "the first items of the user"),
    ],
  },
  {
    name: "item_contexts",
    about:
      "One user who liked the item and one who disliked it, each with the history before that.",
    grain: ["item_id"],
    order: ["item_id"],
    columns: [
      itemId,
      column("liker_id", "INTEGER", "the user who liked it; null when nobody did in training"),
      column("liker_ts", "TIMESTAMP", "when, UTC"),
      ...historyColumns("liker_", "what the liker rated before"),
      column(
        "disliker_id",
        "INTEGER",
        "the user who disliked it; null when nobody did in training",
      ),
      column("disliker_ts", "TIMESTAMP", "when, UTC"),
      ...historyColumns("disliker_", "what the disliker rated before"),
    ],
  },
  {
    name: "audits",
    about: "The leak audits of the run: each is a query that must return no rows.",
    grain: ["audit"],
    order: ["audit"],
    columns: [
      column("audit", "VARCHAR", "file name in sql/audits without extension"),
      column("about", "VARCHAR", "the rule, in a sentence"),
      column("rows_checked", "BIGINT", "rows of the audited table"),
      column("violations", "BIGINT", "rows that break the rule; 0 in every committed run"),
    ],
  },
  userTiers,
  knowledge("user"),
  knowledge("item"),
  requests,
  {
    name: "user_targets",
    about:
      "What the teacher is tested on: for a share of the users the first event after the context; never a scored one.",
    grain: ["user_id"],
    order: ["user_id"],
    columns: [userId, itemId, label, ts],
  },
  {
    name: "item_targets",
    about:
      "What the teacher is tested on: for a share of the items a further user's training event.",
    grain: ["item_id"],
    order: ["item_id"],
    columns: [
      itemId,
      column("target_user_id", "INTEGER", "neither the liker nor the disliker of the context"),
      label,
      ts,
      ...historyColumns("history_", "what the target user rated before"),
    ],
  },
  {
    name: "construction",
    about: "Each of the teacher's inferences: what it said and which data set it went to.",
    grain: ["subject", "subject_id", "sample"],
    order: ["subject", "subject_id", "sample"],
    columns: [
      ...subjectColumns,
      column("sample", "INTEGER", "which of the inferences about it, from 0"),
      column("label", "TINYINT", "the known answer: 1 liked, 0 not"),
      column("verdict", "TINYINT", "the teacher's prediction of it; null when not read"),
      column(
        "judgement",
        "VARCHAR",
        "reasonable or unreasonable; null when not asked for or not read",
      ),
      column(
        "refined_verdict",
        "TINYINT",
        "prediction with the refined text; null when not asked for or not read",
      ),
      column(
        "route",
        "VARCHAR",
        "reason: to sft_reason and sft_reflect; refine: to sft_refine and sft_reflect; dropped",
      ),
      column(
        "drop_reason",
        "VARCHAR",
        "unreasonable_but_right, reasonable_but_wrong, still_wrong, target_in_text, unreadable, or the fault of the answer; null when kept",
      ),
      column(
        "words",
        "INTEGER",
        "of the text kept, the refined one of route refine; null when dropped",
      ),
      column("model", "VARCHAR", "the teacher"),
      column("prompt_version", "VARCHAR", "version of the last prompt it was asked with"),
      column(
        "error",
        "VARCHAR",
        "which step failed and why; null unless an answer was missing or not readable",
      ),
    ],
  },
  fineTuning("reason", "The actor's first task: history to knowledge, as the teacher did it."),
  fineTuning(
    "refine",
    "The actor's second task: history, knowledge and reflection to better knowledge.",
  ),
  fineTuning("reflect", "The reflector's task: history and knowledge to judgement and reflection."),
  embeddings("user"),
  embeddings("item"),
  stats("user"),
  stats("item"),
  {
    name: "texts",
    about: "The texts that `r4ec encode` was given; in its work folder only.",
    grain: ["row"],
    order: ["subject_id", "row"],
    columns: [
      column("subject_id", "INTEGER", "id of what the text is about"),
      column("row", "BIGINT", "place in the file, from 1"),
      column("text", "VARCHAR", "as given"),
    ],
  },
  {
    name: "vectors",
    about: "What `r4ec encode` writes; the id goes by its column's name in the file of texts.",
    grain: ["id"],
    order: ["id"],
    columns: [
      column("id", "INTEGER", "as given"),
      column("encoder", "VARCHAR", "name of the encoder"),
      column("encoder_hash", "VARCHAR", encoderHash),
      column("vector", "FLOAT[]", "of one text of unit length, of several texts their mean"),
      column("tokens", "INTEGER", tokensOfTexts),
      column("truncated", "INTEGER", truncatedTokens),
      column("chunks", "INTEGER", "pieces the texts were cut into, a text's vector is their mean"),
    ],
  },
  {
    name: "training_log",
    about: "One row an epoch of each trained model.",
    grain: ["backbone", "variant", "trial", "seed", "epoch"],
    order: ["backbone", "variant", "trial", "seed", "epoch"],
    columns: [
      ...modelColumns,
      column("epoch", "INTEGER", "from 1"),
      column(
        "train_loss",
        "DOUBLE",
        "mean binary cross-entropy over the epoch, nats; weighed where rows have a weight",
      ),
      column("valid_auc", "DOUBLE", "null when there is no validation split"),
      column("valid_logloss", "DOUBLE", "nats; null when there is no validation split"),
      column("test_auc", "DOUBLE", "null unless the epoch is chosen on the test split"),
      column("test_logloss", "DOUBLE", "nats; null unless the epoch is chosen on the test split"),
      column("learning_rate", "DOUBLE", "at the end of the epoch"),
      column("seconds", "DOUBLE", "wall time of the epoch, training and validation"),
      column("rows_per_s", "DOUBLE", "training rows a second"),
    ],
  },
  {
    name: "results",
    about: "One row a trained model: what it reached on the test split.",
    grain: ["backbone", "variant", "trial", "seed"],
    order: ["backbone", "variant", "trial", "seed"],
    columns: [
      ...modelColumns,
      column("role", "VARCHAR", "of the variant: base, control or knowledge"),
      column("settings", "VARCHAR", "JSON object of what the trial sets; {} without a grid"),
      column("engine", "VARCHAR", "what computed it: onnx or tfjs"),
      column("auc", "DOUBLE", "on the test split; ties averaged"),
      column("logloss", "DOUBLE", "on the test split, nats"),
      column(
        "gauc",
        "DOUBLE",
        "on the test split: AUC within each user, mean weighted by rows; null when no user has both classes",
      ),
      column(
        "ece",
        "DOUBLE",
        "on the test split: expected calibration error, 15 bins of equal width",
      ),
      column("valid_auc", "DOUBLE", "of the scored epoch; null when there is no validation split"),
      column(
        "valid_logloss",
        "DOUBLE",
        "of the scored epoch, nats; null when there is no validation split",
      ),
      column("best_epoch", "INTEGER", "the epoch whose weights were scored"),
      column("epochs", "INTEGER", "epochs trained"),
      column("selected_on", "VARCHAR", "valid, test or last: what chose the epoch"),
      column("parameters", "BIGINT", "trainable numbers"),
      column("train_rows", "BIGINT", "rows trained on"),
      column("valid_rows", "BIGINT", "rows the epoch was chosen on"),
      column("test_rows", "BIGINT", "rows scored"),
      column("train_positive_rate", "DOUBLE", "share of label 1"),
      column("test_positive_rate", "DOUBLE", "share of label 1"),
      column(
        "user_coverage",
        "DOUBLE",
        "share of test rows whose user has a vector; null for base",
      ),
      column(
        "item_coverage",
        "DOUBLE",
        "share of test rows whose item has a vector; null for base",
      ),
      column("seconds", "DOUBLE", "wall time"),
    ],
  },
  {
    name: "predictions",
    about: "The probability each trained model gives every test row.",
    grain: ["backbone", "variant", "trial", "seed", "user_id", "rn"],
    order: ["backbone", "variant", "trial", "seed", "user_id", "rn"],
    columns: [
      ...modelColumns,
      userId,
      column("rn", "INTEGER", "place in the user's order, from 1"),
      itemId,
      label,
      column("probability", "FLOAT", "predicted probability of label 1"),
    ],
  },
  {
    name: "selections",
    about: "Every trial of the grid and which one counts: the best mean over seeds.",
    grain: ["backbone", "variant", "trial"],
    order: ["backbone", "variant", "trial"],
    columns: [
      ...modelColumns.filter(({ name }) => name !== "seed"),
      column("seeds", "INTEGER", "seeds in the mean"),
      column("split", "VARCHAR", "valid, test or last (no split: nothing was chosen)"),
      column("metric", "VARCHAR", "auc (higher is better) or logloss (lower is better)"),
      column("value", "DOUBLE", "mean over seeds at their scored epochs; null for split last"),
      column("is_selected", "BOOLEAN", "one trial of each backbone and variant"),
    ],
  },
  {
    name: "slices",
    about: "How each trained model does on parts of the test split.",
    grain: ["backbone", "variant", "trial", "seed", "slice", "bucket"],
    order: ["backbone", "variant", "trial", "seed", "slice", "bucket"],
    columns: [
      ...modelColumns,
      column("slice", "VARCHAR", "items or users: whose training rows divide the test rows"),
      column(
        "bucket",
        "VARCHAR",
        "items: cold (no training rows), tail (the rarest, together at most a fifth of the training rows) or head; " +
          "users: new (no training rows), or by thirds of the users low, mid or high",
      ),
      column("rows", "BIGINT", "test rows"),
      column("positives", "BIGINT", "of these with label 1"),
      column("auc", "DOUBLE", "ties averaged; null without rows of both classes"),
      column("logloss", "DOUBLE", "nats; null without rows"),
    ],
  },
  {
    name: "comparisons",
    about:
      "Selected trials on the same test rows: every variant against base, every knowledge variant against every control.",
    grain: ["backbone", "variant", "baseline"],
    order: ["backbone", "variant", "baseline"],
    columns: [
      column("backbone", "VARCHAR", "CTR backbone"),
      column("variant", "VARCHAR", "what is compared"),
      column("baseline", "VARCHAR", "the variant it is compared with"),
      column("trial", "INTEGER", "of the variant"),
      column("baseline_trial", "INTEGER", "of the baseline"),
      column("seeds", "INTEGER", "seeds in each mean: those that both have"),
      column("baseline_auc", "DOUBLE", "mean over seeds"),
      column("baseline_auc_sd", "DOUBLE", "standard deviation over seeds"),
      column("baseline_logloss", "DOUBLE", "mean over seeds, nats"),
      column("auc", "DOUBLE", "mean over seeds"),
      column("auc_sd", "DOUBLE", "standard deviation over seeds"),
      column("logloss", "DOUBLE", "mean over seeds, nats"),
      column("auc_lift", "DOUBLE", "auc - baseline_auc"),
      column("auc_lift_low", "DOUBLE", "2.5 % of the paired bootstrap by user"),
      column("auc_lift_high", "DOUBLE", "97.5 % of the paired bootstrap by user"),
      column("auc_relative", "DOUBLE", "auc_lift / baseline_auc"),
      column("logloss_change", "DOUBLE", "logloss - baseline_logloss, nats; below 0 is better"),
      column("logloss_change_low", "DOUBLE", "2.5 % of the same bootstrap"),
      column("logloss_change_high", "DOUBLE", "97.5 % of the same bootstrap"),
      column("logloss_relative", "DOUBLE", "logloss_change / baseline_logloss"),
      column("resamples", "INTEGER", "bootstrap resamples in which both classes occur"),
    ],
  },
] as const satisfies readonly TableSchema[];

/** Schema by table name. */
export const tableSchemas: ReadonlyMap<string, TableSchema> = new Map(
  schemas.map((schema) => [schema.name, schema]),
);
