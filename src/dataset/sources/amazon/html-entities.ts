/** @file The characters of HTML entities. */

/** From U+00A0 on. */
const latin =
  "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil " +
  "sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute " +
  "Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc " +
  "atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide " +
  "oslash ugrave uacute ucirc uuml yacute thorn yuml";

/** From U+0391 on, capital and small; sigma has two small letters, and no capital beside the first. */
const greek =
  "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi Omega " +
  "- - - - - - - alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi " +
  "chi psi omega";

const others: Readonly<Record<string, string>> = {
  ...{ amp: "&", AMP: "&", lt: "<", LT: "<", gt: ">", GT: ">", quot: '"', QUOT: '"', apos: "'" },
  ...{ COPY: "©", REG: "®", OElig: "Œ", oelig: "œ", Scaron: "Š", scaron: "š", Zcaron: "Ž" },
  ...{ zcaron: "ž", Ccaron: "Č", ccaron: "č", Yuml: "Ÿ", fnof: "ƒ", circ: "ˆ", tilde: "˜" },
  ...{ ensp: " ", emsp: " ", thinsp: " ", zwnj: "", zwj: "", lrm: "", rlm: "" },
  ...{ ndash: "–", mdash: "—", lsquo: "‘", rsquo: "’", sbquo: "‚", ldquo: "“", rdquo: "”" },
  ...{ bdquo: "„", dagger: "†", Dagger: "‡", bull: "•", hellip: "…", permil: "‰", prime: "′" },
  ...{ Prime: "″", lsaquo: "‹", rsaquo: "›", oline: "‾", frasl: "⁄", euro: "€", trade: "™" },
  ...{ larr: "←", uarr: "↑", rarr: "→", darr: "↓", harr: "↔", minus: "−", radic: "√" },
  ...{ infin: "∞", ne: "≠", le: "≤", ge: "≥", loz: "◊", spades: "♠", clubs: "♣", hearts: "♥" },
  ...{ diams: "♦", star: "☆", starf: "★", phone: "☎", check: "✓", sharp: "♯", flat: "♭" },
};

/** Numbers 128 to 159 stand for the characters of Windows-1252, as in every browser; null: none. */
const windows = "€ - ‚ ƒ „ … † ‡ ˆ ‰ Š ‹ Œ - Ž - - ‘ ’ “ ” • – — ˜ ™ š › œ - ž Ÿ".split(" ");

/** Every named entity and its characters, such as `&eacute;`; the most frequent first. */
export const namedEntities: ReadonlyMap<string, string> = new Map([
  ...Object.entries(others).map(([name, text]) => [`&${name};`, text] as const),
  ...from(latin, 0xa0),
  ...from(greek, 0x391),
]);

/** The characters of the numbers that do not stand for the code point of that number. */
export const numberedEntities: ReadonlyMap<number, string> = new Map(
  windows.flatMap((text, place) => (text === "-" ? [] : [[128 + place, text] as const])),
);

function from(names: string, first: number): readonly (readonly [string, string])[] {
  return names
    .split(" ")
    .flatMap((name, place) =>
      name === "-" ? [] : [[`&${name};`, String.fromCodePoint(first + place)] as const],
    );
}
