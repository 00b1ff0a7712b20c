package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.environment.Retry;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings back the objects of a shard that were deleted and that its versions name: first rollups,
 * which say what else there was, then parts. Versions that a newer Tidemark wrote are refused
 * before anything is done. Can be run beside nodes, and again. Belongs to one context.
 */
public final class Restoration {

  /** So many objects are asked for at once. */
  public static final int CONCURRENCY = 16;

  private final PersistClient client;
  private final ShardId shard;
  private final Environment environment;
  private final Consumer<Outcome> told;
  private final StateLoader loader;
  private final History history;
  private final Set<String> present = new HashSet<>();
  private final TreeMap<Long, Rollup> rollups = new TreeMap<>();
  private final Set<String> parts = new LinkedHashSet<>();
  private long first = -1;
  private long next;
  private long restored;
  private long failed;

  /**
   * @param told is told what became of each object that is missing
   */
  public Restoration(
      PersistClient client, ShardId shard, Environment environment, Consumer<Outcome> told) {
    this.client = client;
    this.shard = shard;
    this.environment = environment;
    this.told = told;
    this.loader = new StateLoader(shard, client.blob(), client.consensus(), environment);
    this.history = new History(loader, environment, client.options().retry());
  }

  /**
   * What became of an object that was missing.
   *
   * @param need who needs it, for people
   * @param failure why it could not be brought back; null if it was
   */
  public record Outcome(String key, String need, @Nullable String failure) {}

  /**
   * What was done.
   *
   * @param named how many objects the versions name
   * @param restored how many of them were missing, and were brought back
   * @param failed how many were missing, and still are
   */
  public record Report(long named, long restored, long failed) {}

  /**
   * Does it.
   *
   * @return fails with a {@link CorruptShardException}, and has done nothing, if a version does not
   *     decode, or a newer Tidemark wrote it
   */
  public Future<Report> run() {
    return Loop.whileTrue(this::readPage)
        .compose(read -> history.calling(this::list))
        .compose(
            listed -> {
              rollups.headMap(Math.max(0, first)).clear();
              return restore(rollupKeys(), "the state");
            })
        .compose(done -> addBase())
        .compose(done -> currentKeys())
        .compose(
            current ->
                restore(within(current, true), "the contents")
                    .compose(done -> restore(within(current, false), "older versions alone")))
        .map(done -> new Report(rollups.size() + parts.size(), restored, failed));
  }

  private Future<Boolean> readPage() {
    return history.calling(() -> loader.versions(next)).map(this::read);
  }

  private boolean read(List<Version> page) {
    for (Version version : page) {
      StateDiff diff = StateCodec.decodeDiff(shard, version.data());
      first = first < 0 ? version.seqno() : first;
      next = version.seqno() + 1;
      rollups.put(diff.rollup().seqno(), diff.rollup());
      parts.addAll(diff.addedKeys());
    }
    return page.size() == StateLoader.PAGE;
  }

  private Future<Void> list() {
    return client.blob().list(ObjectName.prefix(shard), object -> present.add(object.key()));
  }

  private List<String> rollupKeys() {
    return rollups.values().stream().map(Rollup::key).toList();
  }

  /** What the oldest version named before anything was changed. */
  private Future<Void> addBase() {
    Rollup base = rollups.get(first);
    if (base == null) {
      return Future.succeededFuture();
    }
    return readable(history.calling(() -> loader.at(base)))
        .map(
            state -> {
              state.ifPresent(found -> parts.addAll(found.trace().keys()));
              return null;
            });
  }

  private Future<Set<String>> currentKeys() {
    return first < 0
        ? Future.succeededFuture(Set.of())
        : readable(history.calling(loader::reload).map(Optional::of))
            .map(newest -> newest.map(found -> found.state().trace().keys()).orElse(Set.of()));
  }

  /** Nothing, if it is still missing or damaged: that was told, or `check` does. */
  private static <T> Future<Optional<T>> readable(Future<Optional<T>> reading) {
    return reading.recover(
        cause ->
            cause instanceof CorruptShardException
                ? Future.succeededFuture(Optional.empty())
                : Future.failedFuture(cause));
  }

  private List<String> within(Set<String> current, boolean wanted) {
    return parts.stream().filter(key -> current.contains(key) == wanted).toList();
  }

  private Future<Void> restore(Collection<String> keys, String need) {
    ArrayDeque<String> missing = new ArrayDeque<>();
    keys.stream().filter(key -> !present.contains(key)).forEach(missing::add);
    return Loop.whileTrue(() -> restoreSome(missing, need));
  }

  private Future<Boolean> restoreSome(ArrayDeque<String> missing, String need) {
    List<Future<Void>> some = new ArrayList<>();
    while (some.size() < CONCURRENCY && !missing.isEmpty()) {
      some.add(restore(missing.remove(), need));
    }
    return Future.all(some).map(done -> !missing.isEmpty());
  }

  private Future<Void> restore(String key, String need) {
    // What a store says for sure is not asked again: a missing object will not come.
    return Retry.of(
            environment,
            client.options().retry(),
            IndeterminateException.class::isInstance,
            () -> client.blob().restore(key))
        .onSuccess(
            done -> {
              restored++;
              told.accept(new Outcome(key, need, null));
            })
        .recover(
            cause -> {
              if (!(cause instanceof DeterminateException)) {
                return Future.failedFuture(cause);
              }
              failed++;
              told.accept(new Outcome(key, need, String.valueOf(cause.getMessage())));
              return Future.succeededFuture();
            });
  }
}
