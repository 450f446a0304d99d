import { basename } from "node:path";

/** What the items of some categories are, by how the names of their files start. */
const itemsOf: readonly (readonly [start: RegExp, item: string, user: string])[] = [
  [/^(?:books|kindle_store)/iu, "book", "reader"],
  [/^movies_and_tv/iu, "film", "viewer"],
  [/^(?:cds_and_vinyl|digital_music)/iu, "album", "listener"],
  [/^(?:video_games|software_and_games)/iu, "video game", "player"],
];

/** What items and users of a category are called, by the name of its first file of reviews: Books_5.json.gz holds books. */
export function categoryNouns(reviews: string | readonly string[]): {
  readonly item: string;
  readonly user: string;
} {
  const [first = ""] = [reviews].flat();
  const name = basename(first).replace(/^(?:reviews|ratings)_/iu, "");
  const [, item, user] = itemsOf.find(([start]) => start.test(name)) ?? [];
  return { item: item ?? "product", user: user ?? "customer" };
}
