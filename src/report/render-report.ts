import { auditSection } from "./audit-section.ts";
import { controlsSection } from "./controls-section.ts";
import { dataSection } from "./data-section.ts";
import { html, trustedHtml, type Html } from "./html.ts";
import { knowledgeSection } from "./knowledge-section.ts";
import { methodSection } from "./method-section.ts";
import { pageStyle } from "./page-style.ts";
import type { ReportDetails } from "./report-details.ts";
import { resultSection } from "./result-section.ts";
import type { RunResults } from "./run-results.ts";
import { slicesSection } from "./slices-section.ts";
import { trainingSection } from "./training-section.ts";
import { simulationSentence } from "./wording.ts";

/**
 * The whole report as one HTML file: styles and figures inside, no script, nothing from the network (a content security
 * policy in the file forbids both).
 */
export async function renderReport(results: RunResults, details: ReportDetails): Promise<string> {
  const warning = simulationSentence(results);
  const controls = await controlsSection(results);
  const slices = await slicesSection(results);
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
        <title>${results.name}: r4ec report</title>
        <style>
          ${trustedHtml(pageStyle)}
        </style>
      </head>
      <body>
        <header>
          <p class="kicker">r4ec report</p>
          <h1>${results.name}</h1>
          <p class="subtitle">${results.dataset.label} · protocol ${results.protocol}</p>
          ${warning === null ? null : html`<p class="warning">${warning}</p>`}
          ${navigation(controls !== null, slices !== null)}
        </header>
        <main>
          ${await resultSection(results)} ${controls} ${slices}
          ${await trainingSection(results, details)} ${knowledgeSection(results, details)}
          ${await dataSection(results, details)} ${auditSection(results)} ${methodSection(results)}
        </main>
      </body>
    </html>`;
  return `${page.markup}\n`;
}

function navigation(hasControls: boolean, hasSlices: boolean): Html {
  return html`<nav aria-label="Sections">
    <a href="#result">Result</a> ${hasControls ? html`<a href="#controls">Controls</a>` : null}
    ${hasSlices ? html`<a href="#slices">Slices</a>` : null} <a href="#training">Training</a>
    <a href="#knowledge">Knowledge</a> <a href="#data">Data</a> <a href="#audits">Leak audits</a>
    <a href="#method">How it was made</a>
  </nav>`;
}
