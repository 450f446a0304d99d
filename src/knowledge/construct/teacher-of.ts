import type { Subject } from "../../base/terms.ts";
import type { WatchedRole } from "../answers/answer-watch.ts";
import type { ConstructSettings } from "./settings.ts";

/** The teacher as errors name it. */
export function teacherOf(
  { teacher }: Pick<ConstructSettings, "teacher">,
  subject: Subject | null,
): WatchedRole {
  return {
    who: subject === null ? "the teacher" : `the teacher about ${subject}s`,
    setting: "construct.teacher",
    model: teacher.model,
  };
}
