package io.tidemark.append;

/** How an epoch ends. */
enum Ending {
  /** In order: nothing that was described is left, and the next one begins at once. */
  PLANNED,
  /** Something went wrong: the next one begins after a while, longer each time. */
  BROKEN,
  /** Consensus says that another one has begun. */
  FENCED
}
