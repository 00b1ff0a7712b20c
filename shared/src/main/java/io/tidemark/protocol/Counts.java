package io.tidemark.protocol;

/**
 * How many updates there are, by kind; each counts as often as its diff says.
 *
 * @param inserts rows that appear
 * @param retractions rows that disappear
 * @param errorInserts errors that appear
 * @param errorRetractions errors that disappear
 * @param staged updates, each counted once
 */
public record Counts(
    long inserts, long retractions, long errorInserts, long errorRetractions, long staged) {

  public static final Counts NONE = new Counts(0, 0, 0, 0, 0);

  public Counts plus(Counts other) {
    return new Counts(
        inserts + other.inserts,
        retractions + other.retractions,
        errorInserts + other.errorInserts,
        errorRetractions + other.errorRetractions,
        staged + other.staged);
  }
}
