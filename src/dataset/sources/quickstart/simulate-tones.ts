/**
 * @file How the simulation interprets the facts about a film. Hand-written: the four axes stand for reasons people give for liking a
 * film, which a text about the film can also mention.
 */

/** The axes of a film's tone, each named from its negative to its positive end. */
export const toneAxes = [
  "intimate to spectacular",
  "light to dark",
  "invented to true",
  "recent to classic",
] as const;

/** One number per axis, in the order of {@link toneAxes}. */
export type Tone = readonly [number, number, number, number];

/** How far each fact moves a film along the axes. Facts that are not listed move nothing. */
export const toneOfFact: Readonly<Record<string, Readonly<Record<string, Tone>>>> = {
  genre: {
    Action: [1.2, 0.4, -0.3, 0],
    Adventure: [1, -0.5, -0.4, 0],
    "Black Comedy": [-0.5, 0.5, -0.2, 0],
    Comedy: [-0.4, -1, -0.3, 0],
    "Concert/Performance": [-0.2, -0.8, 1.5, 0],
    Documentary: [-1, 0.2, 2, 0],
    Drama: [-1, 0.4, 0.4, 0],
    Horror: [0.2, 1.4, -0.8, 0],
    Musical: [-0.3, -0.8, 0, 0.3],
    "Romantic Comedy": [-1, -1.2, -0.2, 0],
    "Thriller/Suspense": [0.3, 1.1, 0, 0],
    Western: [0.6, 0.3, 0.5, 0.4],
  },
  style: {
    "Contemporary Fiction": [-0.6, 0.1, -0.3, -0.1],
    Dramatization: [-0.3, 0.3, 1.4, 0],
    Factual: [-0.5, 0.1, 1.8, 0],
    Fantasy: [0.8, -0.4, -1, 0],
    "Historical Fiction": [0.1, 0.3, 0.8, 0.4],
    "Kids Fiction": [0.2, -1.4, -0.7, 0],
    "Science Fiction": [1.1, 0.4, -1, 0],
    "Super Hero": [1.4, 0, -0.9, -0.2],
  },
  source: {
    "Based on Comic/Graphic Novel": [0.9, 0.1, -0.6, 0],
    "Based on Game": [0.9, 0.4, -0.7, -0.2],
    "Based on Play": [-0.9, 0.1, 0, 0.2],
    "Based on Real Life Events": [-0.2, 0.3, 1.3, 0],
    "Based on TV": [0.3, -0.7, -0.3, 0],
    Remake: [0.2, 0.3, -0.2, 0],
    "Traditional/Legend/Fairytale": [0.5, -0.7, -0.6, 0.3],
  },
  audience: {
    G: [0, -1.2, 0, 0],
    PG: [0.1, -0.6, 0, 0],
    "PG-13": [0.2, 0, 0, 0],
    R: [-0.1, 0.8, 0, 0],
    "NC-17": [-0.3, 1, 0, 0],
    "Not Rated": [-0.6, 0.2, 0.3, 0],
  },
};
