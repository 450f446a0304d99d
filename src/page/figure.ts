import { parse, View, type Config, type Spec } from "vega";
import { html, trustedHtml, type Html, type HtmlValue } from "./html.ts";

export interface FigureOptions {
  /** What is shown, with its unit. Also read out by screen readers. */
  readonly title: string;
  /** Text alternative for people who cannot see the figure. */
  readonly description: string;
  readonly key?: readonly KeyEntry[];
  /** Text below the figure. */
  readonly note?: HtmlValue;
  /** Of drawing area and axes together, in CSS pixels. Default 240. */
  readonly height?: number;
  readonly spec: Omit<Spec, "width" | "height" | "autosize" | "padding" | "background" | "config">;
}

/** One entry of a figure's colour key. */
export interface KeyEntry {
  readonly label: string;
  readonly colour: string;
  readonly isDashed?: boolean;
}

/** In CSS pixels: readable on a phone, and two fit side by side on a desktop. */
const widthPx = 420;

/** A Vega chart as static inline SVG with title, colour key and note. Colours are the page's CSS variables. */
export async function figure(options: FigureOptions): Promise<Html> {
  const { title, description, key = [], note = null, height = 240, spec } = options;
  const view = new View(
    parse({
      ...spec,
      width: widthPx,
      height,
      autosize: { type: "fit", contains: "padding" },
      padding: 4,
      config,
    }),
    { renderer: "none" },
  );
  const svg = await view.toSVG();
  view.finalize();
  const drawing = svg.replace(/^<svg[^>]*>/, "").replace(/<\/svg>$/, "");
  return html`<figure>
    <figcaption>${title}</figcaption>
    ${key.length === 0 ? null : keyList(key)}
    <svg viewBox="0 0 ${widthPx} ${height}" role="img">
      <title>${title}</title>
      <desc>${description}</desc>
      ${trustedHtml(drawing)}
    </svg>
    ${note === null ? null : html`<p class="note">${note}</p>`}
  </figure>`;
}

function keyList(key: readonly KeyEntry[]): Html {
  return html`<ul class="key">
    ${key.map(
      ({ label, colour, isDashed = false }) =>
        html`<li>
          <span class="${isDashed ? "swatch dashed" : "swatch"}" style="color: ${colour}"></span
          >${label}
        </li> `,
    )}
  </ul>`;
}

const config: Config = {
  axis: {
    labelColor: "var(--ink-2)",
    titleColor: "var(--ink-2)",
    labelFontSize: 13,
    titleFontSize: 13,
    titleFontWeight: "normal",
    titlePadding: 8,
    gridColor: "var(--grid)",
    domainColor: "var(--rule)",
    tickColor: "var(--rule)",
    labelOverlap: true,
  },
};
