package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.vertx.core.Future;

/**
 * A critical since, which holds a shard's history whatever processes die, until somebody moves it.
 * Nobody takes it away: who registers one has to see to it for as long as the shard is there.
 *
 * <p>Its token fences: of all who hold the handle only those can move it who know the token, and
 * who moves it can change it, to a number that nobody else sets. Belongs to one context.
 */
public final class SinceHandle {

  private final Machine machine;
  private final String name;
  private SinceState state;

  SinceHandle(Machine machine, String name, SinceState state) {
    this.machine = machine;
    this.name = name;
    this.state = state;
  }

  public String name() {
    return name;
  }

  /** Where it stands, as far as this handle knows. */
  public Antichain since() {
    return state.since();
  }

  /** Its token, as far as this handle knows. */
  public long token() {
    return state.token();
  }

  /**
   * Moves it forward, and its token, iff the token is the expected one. A since that is not forward
   * stays where it is; the token moves. Once the shard is dropped nothing is left to hold, and that
   * always succeeds.
   *
   * @return whether the token was the expected one; {@link #token()} and {@link #since()} say how
   *     it stands, either way
   */
  public Future<Boolean> compareAndDowngradeSince(
      long expectedToken, long newToken, Antichain newSince) {
    CompareAndDowngradeSince command =
        new CompareAndDowngradeSince(name, expectedToken, new SinceState(newSince, newToken));
    return machine
        .apply(command)
        .compose(
            result ->
                result.held()
                    ? Future.succeededFuture(result)
                    : machine.refresh().compose(done -> machine.apply(command)))
        .map(
            result -> {
              state = result.state();
              return result.held();
            });
  }
}
