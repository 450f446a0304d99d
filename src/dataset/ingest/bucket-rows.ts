/** Average number of interactions per bucket of users: what one task sorts in memory. */
export const bucketRows = 5_000_000;
