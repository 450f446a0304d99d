/** Articles that catalogues move behind the title, as in "Show, The (1999)", "Cité, La" and "Avventura, L'". */
const trailingArticle =
  /^(.+?), (the|an|a|les?|la|il|lo|gli|el|los|las|der|die|das|den|det|une?|uma?|os?|l['’])((?: \(.*\))?)$/iu;

/** A title as people read it: "The Show (1999)" for "Show, The (1999)". Tables and ids keep the other. */
export function shownTitle(title: string): string {
  const [, name, article, rest] = trailingArticle.exec(title) ?? [];
  if (name === undefined || article === undefined || rest === undefined) return title;
  return `${article}${/['’]$/u.test(article) ? "" : " "}${name}${rest}`;
}
