package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Moves a critical since forward, and its token, iff the token is the expected one. What is not
 * forward leaves the since where it is and moves the token.
 */
final class CompareAndDowngradeSince implements Command<CompareAndDowngradeSince.Result> {

  private final String name;
  private final long expected;
  private final SinceState wanted;

  CompareAndDowngradeSince(String name, long expected, SinceState wanted) {
    this.name = name;
    this.expected = expected;
    this.wanted = wanted;
  }

  /**
   * Where the critical since stands then.
   *
   * @param held whether the token was the expected one
   */
  record Result(boolean held, SinceState state) {}

  @Override
  public Decision<Result> decide(ShardState state, long wallMillis) {
    if (state.isTombstone()) {
      return new Break<>(new Result(true, new SinceState(Antichain.empty(), wanted.token())));
    }
    SinceState now = state.sinces().get(name);
    if (now == null) {
      throw new CorruptShardException(
          "shard " + state.shard() + ": its critical since '" + name + "' is gone");
    }
    SinceState next = new SinceState(Antichain.join(now.since(), wanted.since()), wanted.token());
    if (now.token() != expected) {
      // An earlier try of this very call may have moved the token.
      return new Break<>(new Result(now.equals(next), now));
    }
    // Committed even if nothing moves: that the token still holds is then certain, not remembered.
    Map<String, SinceState> sinces = new LinkedHashMap<>(state.sinces());
    sinces.put(name, next);
    StateDiff.Builder changes = new StateDiff.Builder().critical(name, next);
    changes.since(state, SinceRule.next(state, state.readers(), sinces));
    return new Commit<>(changes, new Result(true, next));
  }
}
