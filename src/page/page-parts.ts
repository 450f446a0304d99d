import { html, type Html, type HtmlValue } from "./html.ts";

/** A section with a heading that can be linked to. */
export function section(id: string, title: string, content: HtmlValue): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${content}
  </section>`;
}

/** Stands where a stage that has not run yet would fill something in. */
export function pendingNote(stage: string, what: string): Html {
  return html`<p class="pending">
    ${what} will stand here once the stage <code>${stage}</code> has run.
  </p>`;
}

interface TableColumn<Row> {
  readonly head: string;
  readonly cell: (row: Row) => HtmlValue;
  /** Right-aligned, digits of equal width. */
  readonly isNumber?: boolean;
}

interface TableStyle<Row> {
  /** Whether a row begins a group, which is set off from the one before. */
  readonly isFirst?: (row: Row) => boolean;
  /** Smaller, for many columns. */
  readonly isDense?: boolean;
}

/** A table that scrolls sideways by itself where the screen is too narrow. */
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

/** Names and values side by side. Pairs with null are left out. */
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
