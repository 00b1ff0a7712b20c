package io.tidemark.persist;

import io.tidemark.persist.EvolveOutcome.Evolved;
import io.tidemark.persist.EvolveOutcome.ExpectedMismatch;
import io.tidemark.persist.EvolveOutcome.Incompatible;
import io.tidemark.row.Evolution;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;

/**
 * Registers the schema that follows the newest one, iff that is the expected one. What is there
 * already is found again, so it can be applied twice.
 */
final class Evolve implements Command<EvolveOutcome> {

  private final int expectedId;
  private final Schema schema;

  Evolve(int expectedId, Schema schema) {
    this.expectedId = expectedId;
    this.schema = schema;
  }

  @Override
  public Decision<EvolveOutcome> decide(ShardState state, long wallMillis) {
    if (state.isTombstone()) {
      throw new ShardDroppedException(state.shard());
    }
    VersionedSchema newest = state.schemas().newest();
    if (newest.schema().equals(schema)) {
      return new Break<>(new Evolved(newest.id()));
    }
    if (newest.id() != expectedId) {
      return new Break<>(new ExpectedMismatch(newest));
    }
    try {
      return new Commit<>(
          new StateDiff.Builder().evolve(Evolution.between(newest.schema(), schema)),
          new Evolved(newest.id() + 1));
    } catch (InvalidRowException e) {
      return new Break<>(new Incompatible(String.valueOf(e.getMessage())));
    }
  }
}
