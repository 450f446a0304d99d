import type { StageNotes } from "../../flow/stage-notes.ts";

/** Whether a server enforces JSON schemas, as far as a run has seen. */
export interface SchemaSupport {
  /** True once a prompt that was refused with a schema has been taken without one. */
  readonly isRefused: boolean;
  /** Whether the server may have refused a prompt because of its schema. */
  readonly isRefusal: (outcome: { readonly status: string; readonly reason?: string }) => boolean;
  /** From now on, nothing is asked with a schema. */
  readonly refuse: () => void;
}

/** How servers name what they refuse: the field, or what it is for. */
const schemaWords = /response.?format|json.?schema|json.?mode|structured|guided|grammar/iu;

/**
 * Starts by expecting that schemas work.
 *
 * @param say - Told once when they do not
 */
export function schemaSupport(model: string, say: StageNotes["say"]): SchemaSupport {
  let isRefused = false;
  return {
    get isRefused() {
      return isRefused;
    },
    isRefusal: ({ status, reason = "" }) => status === "rejected" && schemaWords.test(reason),
    refuse: () => {
      isRefused = true;
      say(
        `schemas of ${model}`,
        `the server of ${model} refuses JSON schemas (response_format): its answers are asked for in tags instead. ` +
          "Set structured: tags for this role to ask so from the start.",
      );
    },
  };
}
