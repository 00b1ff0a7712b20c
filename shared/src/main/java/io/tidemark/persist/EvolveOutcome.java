package io.tidemark.persist;

/** How a change of a shard's schema ended. All of these are certain; what is not is a failure. */
public sealed interface EvolveOutcome {

  /**
   * The schema is the newest one now, or was already.
   *
   * @param id its number
   */
  record Evolved(int id) implements EvolveOutcome {}

  /** The newest schema is another one than was expected. Nothing was changed. */
  record ExpectedMismatch(VersionedSchema current) implements EvolveOutcome {}

  /**
   * The schema has not evolved from the newest one. Nothing was changed.
   *
   * @param reason what of it does not fit, for people
   */
  record Incompatible(String reason) implements EvolveOutcome {}
}
