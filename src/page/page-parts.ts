import { html, type Html, type HtmlValue } from "./html.ts";

/** A section with an anchor and a heading. */
export function section(id: string, title: string, content: HtmlValue): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${content}
  </section>`;
}

/** Placeholder for content that a later stage makes. */
export function pendingNote(stage: string, what: string): Html {
  return html`<p class="pending">
    ${what} will appear here once the stage <code>${stage}</code> has run.
  </p>`;
}

interface TableColumn<Row> {
  readonly head: string;
  readonly cell: (row: Row) => HtmlValue;
  /** Right-aligned, digits of equal width. */
  readonly isNumber?: boolean;
}

interface TableStyle<Row> {
  /** Whether a row begins a group; a line separates groups. */
  readonly isFirst?: (row: Row) => boolean;
  /** Smaller text, for many columns. */
  readonly isDense?: boolean;
}

/** A table that scrolls sideways on narrow screens. */
export function dataTable<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  caption: string,
  { isFirst = () => false, isDense = false }: TableStyle<Row> = {},
): Html {
  const kind = (column: TableColumn<Row>): string => (column.isNumber === true ? "number" : "text");
  return html`<p class="caption">${caption}</p>
    <div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table class="${isDense ? "dense" : "usual"}" aria-label="${caption}">
        <thead>
          <tr>
            ${columns.map((column) => html`<th scope="col" class="${kind(column)}">${column.head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr class="${isFirst(row) ? "first" : "next"}">
                ${columns.map((column) => html`<td class="${kind(column)}">${column.cell(row)}</td>`)}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>`;
}

/** Names and values side by side. Null values are left out. */
export function factList(facts: readonly (readonly [name: string, value: HtmlValue])[]): Html {
  return html`<dl class="facts">
    ${facts.map(([name, value]) =>
      value === null
        ? null
        : html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div> `,
    )}
  </dl>`;
}
