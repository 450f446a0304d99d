import { html, trustedHtml, type Html, type HtmlValue } from "./html.ts";
import { pageStyle } from "./page-style.ts";

interface Page {
  /** What kind of page it is, e.g. "r4ec report". */
  readonly kind: string;
  /** What it is about. */
  readonly title: string;
  readonly subtitle: string;
  /** What a reader must know first; null when there is nothing. */
  readonly warning: string | null;
  /** Sections to jump to, by id. */
  readonly sections: readonly (readonly [id: string, title: string])[];
  readonly content: HtmlValue;
}

/**
 * A whole page as one HTML file: styles and figures inside, no script, nothing from the network (a content security policy in the file
 * forbids both).
 */
export function renderPage({ kind, title, subtitle, warning, sections, content }: Page): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${title}: ${kind}</title>
        <style>
          ${trustedHtml(pageStyle)}
        </style>
      </head>
      <body>
        <header>
          <p class="kicker">${kind}</p>
          <h1>${title}</h1>
          <p class="subtitle">${subtitle}</p>
          ${warning === null ? null : html`<p class="warning">${warning}</p>`}
          ${navigation(sections)}
        </header>
        <main>${content}</main>
      </body>
    </html>`;
  return `${page.markup}\n`;
}

function navigation(sections: Page["sections"]): Html {
  return html`<nav aria-label="Sections">
    ${sections.map(([id, title]) => html`<a href="#${id}">${title}</a> `)}
  </nav>`;
}
