/** A step of a strategy: which text of the subject, which refinement, by which role, with which task. */
export interface Step {
  /** Which of the texts written for the subject, from 0. */
  readonly sample: number;
  /** 0 = first reasoning; r = r-th refinement. A judgement has the round of the text it is about. */
  readonly round: number;
  readonly role: "actor" | "reflector";
  readonly task: "reason" | "reflect" | "refine";
}

/** The result of a step: a row of `user_knowledge` or `item_knowledge` without the subject's id. */
export interface KnowledgeRow extends Step {
  readonly text: string | null;
  readonly judgement: "reasonable" | "unreasonable" | null;
  readonly reflection: string | null;
  readonly is_final: boolean;
  readonly provider: string;
  readonly model: string;
  readonly prompt_version: string;
  readonly error: string | null;
}
