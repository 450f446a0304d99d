import { columnFigure } from "../../page/column-figure.ts";
import { formatShare } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";

/** Users or items with a similar number of interactions. */
interface EventClass {
  /** Fewest interactions: 0 or a power of two. */
  readonly fromEvents: number;
  /** Its share of all users or items. */
  readonly subjectShare: number;
  /** Its share of all interactions. */
  readonly interactionShare: number;
}

interface ClassFigureOptions {
  readonly title: string;
  /** Who is counted: Users or Items. */
  readonly subjects: string;
  readonly classes: readonly EventClass[];
  readonly note?: string | null;
}

const [subjectColour, interactionColour] = ["var(--base)", "var(--r4ec)"];

/** Pairs of columns: the share of users or items in each class, and the share of the interactions that are theirs. */
export function classFigure(options: ClassFigureOptions): Promise<Html> {
  const { title, subjects, classes, note = null } = options;
  return columnFigure({
    title,
    description: classes
      .map(
        (each) =>
          `${classLabel(each)}: ${formatShare(each.subjectShare)} of the ${subjects.toLowerCase()}`,
      )
      .join("; "),
    key: [
      { label: subjects, colour: subjectColour },
      { label: "their interactions", colour: interactionColour },
    ],
    note,
    columns: classes.flatMap((each) => [
      { at: classLabel(each), place: 0, size: each.subjectShare, colour: subjectColour },
      { at: classLabel(each), place: 1, size: each.interactionShare, colour: interactionColour },
    ]),
    names: classes.map(classLabel),
    isStacked: false,
    axisTitles: ["Number of interactions, lower bound", "Share"],
    format: "%",
  });
}

/** The fewest interactions of a class: "0", "1", "2", "4", … "512", "1k", "2k". */
function classLabel({ fromEvents }: EventClass): string {
  const [thousand, million] = [1 << 10, 1 << 20];
  if (fromEvents >= million) return `${fromEvents / million}M`;
  return fromEvents >= thousand ? `${fromEvents / thousand}k` : String(fromEvents);
}
