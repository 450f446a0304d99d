import { figure } from "../../page/figure.ts";
import { formatShare } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";

/** Users or items that have about equally many interactions. */
interface EventClass {
  /** Fewest interactions: 0 or a power of two. */
  readonly fromEvents: number;
  /** Of all users or items. */
  readonly subjectShare: number;
  /** Of all interactions. */
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

/** Pairs of bars: the share of users or items with so many interactions, and the share of the interactions that are theirs. */
export function classFigure(options: ClassFigureOptions): Promise<Html> {
  const { title, subjects, classes, note = null } = options;
  const bars = classes.flatMap((each) => [
    { class: classLabel(each), place: 0, share: each.subjectShare, colour: subjectColour },
    { class: classLabel(each), place: 1, share: each.interactionShare, colour: interactionColour },
  ]);
  return figure({
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
    spec: {
      data: [{ name: "bars", values: bars }],
      scales: [
        {
          name: "x",
          type: "band",
          range: "width",
          padding: 0.2,
          domain: classes.map(classLabel),
        },
        {
          name: "y",
          type: "linear",
          range: "height",
          nice: true,
          zero: true,
          domain: { data: "bars", field: "share" },
        },
      ],
      axes: [
        {
          orient: "bottom",
          scale: "x",
          title: "Interactions, from here to the next",
          ticks: false,
        },
        { orient: "left", scale: "y", grid: true, tickCount: 5, title: "Share", format: "%" },
      ],
      marks: [
        {
          type: "rect",
          from: { data: "bars" },
          encode: {
            enter: {
              x: {
                scale: "x",
                field: "class",
                offset: { signal: "datum.place * bandwidth('x') / 2" },
              },
              width: { signal: "bandwidth('x') / 2 - 1" },
              y: { scale: "y", field: "share" },
              y2: { scale: "y", value: 0 },
              fill: { field: "colour" },
            },
          },
        },
      ],
    },
  });
}

/** The fewest interactions of a class: "0", "1", "2", "4", … "512", "1k", "2k". */
function classLabel({ fromEvents }: EventClass): string {
  const [thousand, million] = [1 << 10, 1 << 20];
  if (fromEvents >= million) return `${fromEvents / million}M`;
  return fromEvents >= thousand ? `${fromEvents / thousand}k` : String(fromEvents);
}
