import type { RecordBatch } from "apache-arrow";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { AnswerForm } from "../chat/answer-form.ts";
import {
  itemPrompts,
  userPrompts,
  type ItemCase,
  type Prompts,
  type UserCase,
} from "../chat/prompts.ts";
import {
  itemContexts,
  userContexts,
  type ContextSource,
  type Item,
  type ItemContext,
  type UserContext,
} from "../contexts/contexts.ts";
import type { DomainNouns } from "../domain-nouns.ts";
import type { Subject } from "../../base/terms.ts";
import type { Label } from "./route.ts";
import { titleCheck } from "./title-check.ts";

/** One question to the teacher: a context `C`, and the case `K` that shows it with its target. */
export interface TeacherCase<C, K> {
  /** Of the user or item. */
  readonly id: number;
  readonly context: C;
  readonly shown: K;
  /** The known answer; never part of a prompt. */
  readonly label: Label;
  /** Whether a text names what the student must not know. */
  readonly namesTarget: (text: string) => boolean;
}

/** What differs between cases of users and of items. */
export interface CaseSide<C, K> {
  readonly subject: Subject;
  /** Statement in sql/construct/ that selects the cases. */
  readonly query: string;
  readonly cases: (batch: RecordBatch, source: ContextSource) => readonly TeacherCase<C, K>[];
  readonly prompts: (nouns: DomainNouns, form: AnswerForm) => Prompts<C, K>;
}

const userRow = z.object({ item_id: z.int(), label: z.literal([0, 1]) });
const itemRow = z.object({ label: z.literal([0, 1]) });

/** A user and the item they rated next. No text may name that item. */
export const userCases: CaseSide<UserContext, UserCase> = {
  subject: "user",
  query: "user_cases",
  prompts: userPrompts,
  cases: (batch, source) =>
    userContexts(batch, source).map((context, row) => {
      const { item_id, label } = userRow.parse(batch.get(row)?.toJSON());
      const target = source.items.get(item_id);
      if (target === undefined) {
        throw new FlowError(
          "INPUT_INVALID",
          `The target of user ${context.userId} is item ${item_id}, which the table \`items\` does not have; every rated item needs a row there.`,
        );
      }
      const namesTarget = titleCheck({ forbidden: [target], shown: titlesOf(context) });
      return { id: context.userId, context, shown: { context, target }, label, namesTarget };
    }),
};

/** An item and another user who rated it. No text may name items that only that user's history shows. */
export const itemCases: CaseSide<ItemContext, ItemCase> = {
  subject: "item",
  query: "item_cases",
  prompts: itemPrompts,
  cases: (batch, source) => {
    const targets = userContexts(batch, source);
    return itemContexts(batch, source).map((context, row) => {
      const { label } = itemRow.parse(batch.get(row)?.toJSON());
      const targetHistory = targets[row]?.history ?? [];
      const namesTarget = titleCheck({
        forbidden: targetHistory.map(({ item }) => item),
        shown: [context.item, ...titlesOf(context.liker), ...titlesOf(context.disliker)],
      });
      return { id: context.itemId, context, shown: { context, targetHistory }, label, namesTarget };
    });
  },
};

function titlesOf(user: UserContext | null): readonly Item[] {
  return user === null ? [] : user.history.map(({ item }) => item);
}
