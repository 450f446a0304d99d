import { describe, expect, test } from "vitest";
import { html, trustedHtml } from "../../src/page/html.ts";

describe("html", () => {
  test("escapes text in content and in quoted attributes", () => {
    expect(html`<p title="${`"'`}">${"<i>&"}</p>`.markup).toBe(
      `<p title="&#34;&#39;">&#60;i&#62;&#38;</p>`,
    );
  });

  test("takes markup, numbers, lists and nothing as they are", () => {
    const item = html`<li>${1}</li>`;
    const page = html`<ul>
      ${[item, item]}${null}${trustedHtml("<hr>")}
    </ul>`;
    expect(page.markup.replace(/\s+/g, "")).toBe("<ul><li>1</li><li>1</li><hr></ul>");
  });
});
