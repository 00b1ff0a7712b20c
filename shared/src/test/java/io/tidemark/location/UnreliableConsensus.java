package io.tidemark.location;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A consensus whose calls go wrong as {@link Faults} say. */
public final class UnreliableConsensus implements Consensus {

  private final Consensus consensus;
  private final Faults faults;

  public UnreliableConsensus(Consensus consensus, Faults faults) {
    this.consensus = consensus;
    this.faults = faults;
  }

  @Override
  public Future<Optional<Version>> head(String key) {
    Arguments.key(key);
    return faults.read("head of " + key, () -> consensus.head(key));
  }

  @Override
  public Future<Boolean> compareAndSet(String key, Version next) {
    Arguments.key(key);
    return faults.write(
        "compare and set " + next.seqno() + " of " + key, () -> consensus.compareAndSet(key, next));
  }

  @Override
  public Future<List<Version>> scan(String key, long from, int limit) {
    Arguments.key(key);
    Arguments.seqno(from);
    Arguments.limit(limit);
    return faults.read("scan of " + key, () -> consensus.scan(key, from, limit));
  }

  @Override
  public Future<Long> truncate(String key, long seqno) {
    Arguments.key(key);
    Arguments.seqno(seqno);
    return faults.write(
        "truncate " + key + " below " + seqno, () -> consensus.truncate(key, seqno));
  }

  @Override
  public Future<Void> listKeys(Consumer<String> keys) {
    return faults.read("list of keys", () -> consensus.listKeys(keys));
  }
}
