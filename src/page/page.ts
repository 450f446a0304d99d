import { html, trustedHtml, type Html, type HtmlValue } from "./html.ts";
import { pageStyle } from "./page-style.ts";

interface Page {
  /** Kind of page, e.g. "r4ec report". */
  readonly kind: string;
  readonly title: string;
  readonly subtitle: string;
  /** Shown first, highlighted; null for none. */
  readonly warning: string | null;
  /** Links to the sections. */
  readonly sections: readonly (readonly [id: string, title: string])[];
  readonly content: HtmlValue;
}

/**
 * A whole page as one HTML file. Styles and figures are inline; a content security policy in the file forbids scripts and network
 * access.
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
