package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import java.util.Map;

/** Registers a critical since at the shard's since; finds the one that is there if there is one. */
final class RegisterSince implements Command<SinceState> {

  /** The most critical sinces of a shard. Nobody takes them away but {@link Drop}. */
  static final int MAX_SINCES = 64;

  private final String name;
  private final long token;

  RegisterSince(String name, long token) {
    this.name = name;
    this.token = token;
  }

  @Override
  public Decision<SinceState> decide(ShardState state, long wallMillis) {
    SinceState registered = state.sinces().get(name);
    if (registered != null) {
      return new Break<>(registered);
    }
    if (state.isTombstone()) {
      return new Break<>(new SinceState(Antichain.empty(), token));
    }
    if (state.sinces().size() >= MAX_SINCES) {
      throw new InvalidUsageException(
          InvalidUsageException.Rule.TOO_MANY_SINCES,
          "shard "
              + state.shard()
              + " has "
              + MAX_SINCES
              + " critical sinces already: use one of "
              + Map.copyOf(state.sinces()).keySet());
    }
    SinceState first = new SinceState(state.since(), token);
    return new Commit<>(new StateDiff.Builder().critical(name, first), first);
  }
}
