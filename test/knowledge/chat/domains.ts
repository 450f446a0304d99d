/** @file Three small domains that the golden prompts are rendered for. Titles and people are invented. */

import type {
  Item,
  ItemContext,
  Rated,
  UserContext,
} from "../../../src/knowledge/contexts/contexts.ts";
import type { ItemCase, UserCase } from "../../../src/knowledge/chat/prompts.ts";
import { domainNouns, type DomainNouns } from "../../../src/knowledge/domain-nouns.ts";

/** Everything a prompt is rendered from. */
export interface Domain {
  readonly name: string;
  readonly nouns: DomainNouns;
  readonly user: UserContext;
  readonly item: ItemContext;
  readonly userCase: UserCase;
  readonly itemCase: ItemCase;
}

function rated(item: Item, rating: number): Rated {
  return { item, rating, liked: rating > 3 };
}

function domainOf(
  name: string,
  nouns: DomainNouns,
  items: readonly [Item, Item, Item, Item],
): Domain {
  const [first, second, third, fourth] = items;
  const user: UserContext = {
    ...{ userId: 1, until: "2003-02-28", attributes: { age: ["25-34"] } },
    history: [rated(first, 5), rated(second, 2)],
  };
  const item: ItemContext = {
    itemId: third.itemId,
    item: third,
    liker: { userId: 2, history: [rated(first, 4)] },
    disliker: null,
  };
  return {
    name,
    nouns,
    user,
    item,
    userCase: { context: user, target: fourth },
    itemCase: { context: item, targetHistory: [rated(second, 1), rated(fourth, 4)] },
  };
}

const kitchen: Partial<DomainNouns> = { event: "bought", feedback: { kind: "choice" } };

/**
 * Films by genre and director, one without a year; books by author and category; games, which no aspects are known for, rated on a scale
 * that nobody named; and products that were bought or passed over.
 */
export const domains: readonly Domain[] = [
  domainOf("films", domainNouns("film", "viewer"), [
    { itemId: 1, title: "Lamp Street, The", year: 1951, attributes: { genre: ["Film-Noir"] } },
    {
      itemId: 2,
      title: 'The "Happy" <Hour> & After',
      year: null,
      attributes: { genre: ["Comedy", "Romance"], director: ["Ada Quill"] },
    },
    {
      itemId: 3,
      title: "Night Ferry",
      year: 1949,
      attributes: { genre: ["Film-Noir", "Drama"], director: ["Jon Marl"] },
    },
    { itemId: 4, title: "Tin Parade", year: 1988, attributes: { genre: ["Comedy"] } },
  ]),
  domainOf("books", domainNouns("book", "reader"), [
    { itemId: 1, title: "Salt Road", year: 2004, attributes: { author: ["R. Osei"] } },
    { itemId: 2, title: "A Year of Bread", year: 2011, attributes: { category: ["Cooking"] } },
    {
      itemId: 3,
      title: "The Cartographer's Debt",
      year: 2009,
      attributes: { author: ["R. Osei"], category: ["Historical Fiction"] },
    },
    { itemId: 4, title: "Wire and Wing", year: 1999, attributes: {} },
  ]),
  domainOf(
    "board games",
    domainNouns("board game", "player", {
      feedback: { kind: "rating", likedAbove: 3, highest: null },
    }),
    [
      { itemId: 1, title: "Harbour", year: 2015, attributes: { mechanic: ["Auction"] } },
      { itemId: 2, title: "Ox & Plough", year: 2012, attributes: { mechanic: ["Dice"] } },
      { itemId: 3, title: "Signal Box", year: 2018, attributes: { players: ["2", "4"] } },
      { itemId: 4, title: "Guild of Glass", year: null, attributes: { mechanic: ["Auction"] } },
    ],
  ),
  domainOf("kitchen products", domainNouns("product", "customer", kitchen), [
    { itemId: 1, title: "Pan, 24 cm", year: null, attributes: { category: ["Pans"] } },
    { itemId: 2, title: "Salt & Pepper Mill", year: null, attributes: { category: ["Mills"] } },
    { itemId: 3, title: "Whisk", year: null, attributes: { brand: ["Orlo"], category: ["Tools"] } },
    { itemId: 4, title: "Kettle", year: null, attributes: {} },
  ]),
];
