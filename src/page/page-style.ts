/** The page's style sheet. Figures use its colour variables, so they follow the colour scheme too. */
export const pageStyle = `
:root {
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2125; --ink-2: #59616a; --rule: #c9ced4; --grid: #e6e8eb;
  --base: #7d8794; --r4ec: #0a7a6c; --other: #b4531d;
  --r2ec: #5b6fc0; --kar: #b4531d; --spare-1: #8a4f9e; --spare-2: #9a7b12; --spare-3: #b23a6b; --spare-4: #3f7d2c;
  --context: #c9a227; --valid: #5b6fc0; --dropped: #d9dce0;
  --good: #0a7a6c; --bad: #b3372b; --warn-paper: #fff4d6; --warn-ink: #5d4300;
  --del-paper: #fbe5e2; --ins-paper: #dcf2ec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --card: #1d2125; --ink: #e8e9ea; --ink-2: #a4acb5; --rule: #444b53; --grid: #2c3238;
    --base: #8f9aa7; --r4ec: #3fc1ad; --other: #e58a52;
    --r2ec: #8d9ee6; --kar: #e58a52; --spare-1: #c793d8; --spare-2: #d8b645; --spare-3: #ec82ab; --spare-4: #86c46f;
    --context: #d8b645; --valid: #8d9ee6; --dropped: #4a5058;
    --good: #3fc1ad; --bad: #f0857a; --warn-paper: #3a2f12; --warn-ink: #f3dc9c;
    --del-paper: #472521; --ins-paper: #173d36;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 1080px; padding: 32px 24px 80px; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: break-word;
}
h1 { font-size: 2rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.4rem; line-height: 1.25; margin: 56px 0 12px; padding-top: 12px; border-top: 1px solid var(--rule); }
h3 { font-size: 1.1rem; margin: 32px 0 4px; }
h4 { font-size: .8rem; margin: 0; letter-spacing: .02em; color: var(--ink-2); }
p { margin: 8px 0 16px; max-width: 72ch; }
code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .88em; }
pre { overflow-x: auto; padding: 12px; background: var(--card); border: 1px solid var(--grid); border-radius: 6px; }
.kicker { margin: 0; color: var(--ink-2); font-size: .85rem; letter-spacing: .06em; text-transform: uppercase; }
.subtitle { color: var(--ink-2); margin-top: 4px; }
.note { color: var(--ink-2); font-size: .9rem; }
.warning { background: var(--warn-paper); color: var(--warn-ink); padding: 10px 14px; border-radius: 6px; max-width: none; }
.pending { border: 1px dashed var(--rule); border-radius: 6px; padding: 16px; color: var(--ink-2); max-width: none; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: .95rem; }
a { color: var(--r4ec); }
.lead { font-size: 1.3rem; line-height: 1.35; font-weight: 600; margin: 8px 0; }
.tag { display: inline-block; background: var(--warn-paper); color: var(--warn-ink); border-radius: 4px; padding: 0 8px; font-size: .85rem; font-weight: 600; vertical-align: middle; white-space: nowrap; }
.lifts { list-style: none; padding: 0; margin: 0 0 20px; display: flex; flex-wrap: wrap; gap: 12px; }
.lifts li { background: var(--card); border: 1px solid var(--grid); border-left: 4px solid var(--base); border-radius: 6px; padding: 10px 16px; }
.lifts li.higher { border-left-color: var(--good); }
.lifts li.lower { border-left-color: var(--bad); }
.lifts .name { display: block; color: var(--ink-2); font-size: .9rem; }
.lifts strong { font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.lifts .interval { display: block; font-size: .9rem; color: var(--ink-2); font-variant-numeric: tabular-nums; }
.pair, .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 24px; align-items: start; margin: 0 0 20px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--grid); border-radius: 6px; padding: 14px; min-width: 0; }
figcaption { font-weight: 600; }
figure svg { display: block; width: 100%; height: auto; }
figure svg text { font-family: inherit; font-variant-numeric: tabular-nums; paint-order: stroke; }
figure .note { margin: 4px 0 0; }
.key { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 2px 0 6px; padding: 0; font-size: .9rem; color: var(--ink-2); }
.swatch { display: inline-block; width: 18px; border-top: 4px solid currentColor; margin-right: 6px; vertical-align: middle; }
.swatch.dashed { border-top-style: dashed; border-top-width: 3px; }
.facts { margin: 0 0 16px; }
.facts div { display: grid; grid-template-columns: minmax(7.5rem, 10rem) 1fr; gap: 12px; padding: 6px 0; border-bottom: 1px solid var(--grid); }
.facts dt { color: var(--ink-2); }
.facts dd { margin: 0; min-width: 0; }
.line { display: block; }
.scroll { overflow-x: auto; margin: 0 0 16px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.caption { color: var(--ink-2); font-size: .9rem; margin: 16px 0 4px; max-width: none; }
th, td { padding: 6px 14px 6px 0; text-align: left; border-bottom: 1px solid var(--grid); vertical-align: top; }
th { font-weight: 600; font-size: .9rem; border-bottom-color: var(--rule); }
tr.first td { border-top: 2px solid var(--rule); }
tbody tr.first:first-child td { border-top: 0; }
.variant { white-space: nowrap; }
.role { color: var(--ink-2); font-size: .9em; margin-left: 4px; }
table.dense { font-size: .88rem; }
table.dense th { font-size: inherit; }
table.dense th, table.dense td { padding-right: 10px; }
.number { text-align: right; white-space: nowrap; }
th.number { white-space: normal; }
th:last-child, td:last-child { padding-right: 0; }
.bad { color: var(--bad); }
.difference { padding: 1px 4px; border-radius: 4px; }
.difference.higher { background: var(--ins-paper); }
.difference.lower { background: var(--del-paper); }
details > summary { cursor: pointer; }
.examples { display: grid; gap: 12px; }
.example { background: var(--card); border: 1px solid var(--grid); border-radius: 6px; padding: 10px 16px; min-width: 0; }
.outcome { color: var(--ink-2); font-size: .9rem; margin-left: 6px; }
.context { font-size: .9rem; color: var(--ink-2); margin: 8px 0 12px; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(260px, 100%), 1fr)); gap: 0 24px; }
.sides ol { margin: 6px 0; padding-left: 22px; }
.stars { white-space: nowrap; }
.steps { list-style: none; padding: 0; margin: 8px 0 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(270px, 100%), 1fr)); gap: 16px; }
.step { border-top: 3px solid var(--rule); padding-top: 6px; min-width: 0; }
.step.good { border-top-color: var(--good); grid-column: 1 / -1; }
.step.bad, .step.error { border-top-color: var(--bad); }
.step.text { border-top-color: var(--base); }
.said { white-space: pre-line; font-size: .93rem; line-height: 1.5; margin: 4px 0 0; color: var(--ink); }
del { background: var(--del-paper); text-decoration-color: var(--bad); text-decoration-thickness: 1px; }
ins { background: var(--ins-paper); text-decoration-color: var(--good); text-underline-offset: 3px; }
@media (max-width: 600px) {
  body { padding: 20px 16px 60px; }
  h1 { font-size: 1.6rem; }
  .facts div { grid-template-columns: 1fr; gap: 0; }
  figure { padding: 10px 8px; }
}
@media print {
  body { max-width: none; }
  figure, .example { break-inside: avoid; }
}
`;
