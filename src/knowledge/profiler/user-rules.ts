/** @file What the profiler claims about a user, and how it checks that against the rated items. */

import type { Rated, UserContext } from "../contexts/contexts.ts";
import { sameClaim, uniqueClaims, type Claim } from "./claims.ts";
import type { Complaint, Rules } from "./rules.ts";
import { counted, glance, isClear, isStrong, marginOf, tally, type Tally } from "./tally.ts";
import { openTaste, tempers, type Temper, type UserClaimKind } from "./user-grammar.ts";

type UserClaim = Claim<UserClaimKind>;

const draftLikes = { side: "liked", lead: 0, limit: 2 } as const;
const draftAvoids = { side: "disliked", lead: 1, limit: 2 } as const;
const shownFavourites = 4;
const shownRegrets = 2;
/** A mean rating this much beyond the user's own overturns the count of likes, stars. */
const meanSlack = 0.5;
/** A temper holds from this share of liked items on; harsh below the last. */
const temperFloors = [0.9, 0.65, 0.4, 0.2];

/**
 * The hasty draft takes what it sees recur: a value with as many likes as dislikes passes for a taste, a lead of one for a
 * clear case; it stops at two values an attribute. It is examined against these rules:
 * - a taste needs three liked items, or two and none disliked, and more liked than disliked, and a mean rating that is not
 *   half a star below the user's own; a distaste the reverse;
 * - a taste or distaste that leads by three must be named;
 * - a favourite must be liked and not half a star below the user's own mean; a regret must be disliked;
 * - the values sampled must be those of liked items, and the temper that of the share of liked items.
 *
 * A rejected taste becomes what the counts say: its opposite, a divided opinion, or nothing.
 */
export const userRules: Rules<UserClaimKind, UserContext> = ({ history }) => {
  const counts = tally(history);
  const liked = history.filter((rated) => rated.liked);
  const disliked = history.filter((rated) => !rated.liked);
  const temper: UserClaim = { kind: "temper", attribute: "temper", value: temperOf(counts) };
  const strong = counts.traits
    .filter(
      (trait) => isStrong(counts.of(trait), "liked") || isStrong(counts.of(trait), "disliked"),
    )
    .map((trait): UserClaim => ({
      kind: isStrong(counts.of(trait), "liked") ? "likes" : "avoids",
      ...trait,
    }))
    .filter((claim) => examineTaste(counts, claim) === undefined);

  return {
    draft: () => {
      const likes = glance(counts, draftLikes).map(claimOf("likes"));
      const avoids = glance(counts, draftAvoids).map(claimOf("avoids"));
      const favourites = [...liked].sort((a, b) => b.rating - a.rating).slice(0, shownFavourites);
      const regrets = [...disliked].sort((a, b) => a.rating - b.rating).slice(0, shownRegrets);
      return uniqueClaims([
        temper,
        ...likes,
        ...(likes.length === 0 ? [openTaste] : []),
        ...favourites.map(titleClaim("favourite")),
        ...favourites
          .flatMap(({ item }) => Object.entries(item.attributes))
          .filter(([attribute]) => !likes.some((claim) => claim.attribute === attribute))
          .flatMap(([attribute, values]) =>
            values.slice(0, 1).map((value) => ({ attribute, value })),
          )
          .map(claimOf("sampled")),
        ...avoids,
        ...regrets.map(titleClaim("regret")),
      ]);
    },

    examine: (claim) => {
      switch (claim.kind) {
        case "temper":
          return sameClaim(claim, temper)
            ? undefined
            : { fault: "Wrong", because: counted(counts.overall) };
        case "likes":
        case "mixed":
        case "avoids":
          return examineTaste(counts, claim);
        case "open": {
          const clear = strong.filter(({ kind }) => kind === "likes").length;
          return clear === 0
            ? undefined
            : { fault: "Contradicted", because: `clear in the counts: ${clear}` };
        }
        case "favourite":
          return examineFavourite(history, counts.overall.mean, claim.value);
        case "sampled":
          return counts.of(claim).liked > 0
            ? undefined
            : { fault: "Wrong", because: counted(counts.of(claim)) };
        case "regret":
          return disliked.some(({ item }) => item.title === claim.value)
            ? undefined
            : { fault: "Wrong", because: "not among the disliked" };
        default:
          return claim.kind satisfies never;
      }
    },

    missed: (claims) =>
      strong
        .filter((taste) => !claims.some((claim) => sameClaim(claim, taste)))
        .map((claim) => ({ fault: "Missed", because: counted(counts.of(claim)), claim })),

    correct: (claim) => {
      if (claim.kind === "temper") return temper;
      if (claim.kind !== "likes" && claim.kind !== "avoids" && claim.kind !== "mixed") {
        return undefined;
      }
      return (["likes", "avoids", "mixed"] as const)
        .map((kind) => ({ ...claim, kind }))
        .find((other) => examineTaste(counts, other) === undefined);
    },

    arrange: (claims) => {
      const lead = (claim: UserClaim): number =>
        claim.kind === "likes" || claim.kind === "avoids"
          ? Math.abs(marginOf(counts.of(claim)))
          : 0;
      const told = uniqueClaims(claims.filter(({ kind }) => kind !== "open")).sort(
        (a, b) => lead(b) - lead(a),
      );
      return told.some(({ kind }) => kind === "likes") ? told : [...told, openTaste];
    },
  };
};

function examineTaste(counts: Tally, claim: UserClaim): Complaint | undefined {
  const count = counts.of(claim);
  const own = counts.overall.mean;
  const because = counted(count);
  const means = `${because}, mean ${count.mean.toFixed(1)} against ${own.toFixed(1)} overall`;
  switch (claim.kind) {
    case "likes":
      if (marginOf(count) <= 0) return { fault: "Contradicted", because };
      if (!isClear(count, "liked")) return { fault: "Unsupported", because };
      return count.mean > own - meanSlack ? undefined : { fault: "Contradicted", because: means };
    case "avoids":
      if (marginOf(count) >= 0) return { fault: "Contradicted", because };
      if (!isClear(count, "disliked")) return { fault: "Unsupported", because };
      return count.mean < own + meanSlack ? undefined : { fault: "Contradicted", because: means };
    default: {
      const isTaste = (["likes", "avoids"] as const).some(
        (kind) => examineTaste(counts, { ...claim, kind }) === undefined,
      );
      if (isTaste) return { fault: "Contradicted", because };
      return count.liked > 0 && count.disliked > 0 ? undefined : { fault: "Unsupported", because };
    }
  }
}

function examineFavourite(
  history: readonly Rated[],
  own: number,
  title: string,
): Complaint | undefined {
  const ratings = history
    .filter(({ item, liked }) => liked && item.title === title)
    .map(({ rating }) => rating);
  if (ratings.length === 0) return { fault: "Wrong", because: "not among the liked" };
  const best = Math.max(...ratings);
  const because = `rated ${best.toFixed(1)}, mean ${own.toFixed(1)} overall`;
  return best > own - meanSlack ? undefined : { fault: "Unsupported", because };
}

function temperOf({ overall }: Tally): Temper {
  const rated = overall.liked + overall.disliked;
  if (rated === 0) return "balanced";
  const level = temperFloors.findIndex((floor) => overall.liked / rated >= floor);
  return tempers[level] ?? "harsh";
}

function claimOf(
  kind: UserClaimKind,
): (trait: { readonly attribute: string; readonly value: string }) => UserClaim {
  return ({ attribute, value }) => ({ kind, attribute, value });
}

function titleClaim(kind: UserClaimKind): (rated: Rated) => UserClaim {
  return ({ item }) => ({ kind, attribute: "title", value: item.title });
}
