package io.tidemark.launcher.tools;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Loop;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.ShardUsage;
import io.tidemark.persist.ShardUsage.Amount;
import io.tidemark.persist.ShardUsage.Report;
import io.tidemark.persist.ShardUsage.Standing;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What lies in the stores and belongs to no collection. */
final class OtherShards {

  /** What is left of collections that were dropped. */
  static final String DROPPED = "(dropped)";

  /** What nobody knows of. */
  static final String UNKNOWN = "(unknown)";

  private static final Pattern SHARD = Pattern.compile("s[0-9a-f]{32}");
  private final StoreSession session;
  private final Set<String> shards = new TreeSet<>();
  private Report dropped = Report.NOTHING;
  private Report unknown = Report.NOTHING;

  OtherShards(StoreSession session) {
    this.session = session;
  }

  /** What there is of a kind. */
  record Other(String name, Report report) {}

  /**
   * Looks for shards of no collection, in both stores.
   *
   * @param collections those that were listed before
   */
  Future<List<Other>> run(List<CollectionSpec> collections) {
    Set<String> known = new HashSet<>();
    collections.forEach(collection -> known.add(collection.shard().text()));
    return session
        .persist()
        .consensus()
        .listKeys(key -> note(key, 0, known))
        .compose(
            listed ->
                session
                    .persist()
                    .blob()
                    .list("", object -> note(object.key(), object.bytes(), known)))
        .compose(listed -> judgeAll())
        .map(done -> List.of(new Other(DROPPED, dropped), new Other(UNKNOWN, unknown)));
  }

  private void note(String key, long bytes, Set<String> known) {
    int slash = key.indexOf('/');
    String shard = slash < 0 ? key : key.substring(0, slash);
    if (SHARD.matcher(shard).matches()) {
      boolean unused = !known.contains(shard) && shards.add(shard);
    } else if (slash >= 0) {
      unknown = unknown.plus(Report.foreign(new Amount(1, bytes)));
    }
  }

  private Future<Void> judgeAll() {
    ArrayDeque<String> left = new ArrayDeque<>(shards);
    return Loop.whileTrue(
        () -> {
          String next = left.poll();
          return next == null
              ? Future.succeededFuture(false)
              : new ShardUsage(session.persist(), new ShardId(next), session.environment())
                  .run()
                  .map(this::add);
        });
  }

  private boolean add(Report report) {
    if (report.standing() == Standing.DROPPED) {
      dropped = dropped.plus(report);
    } else {
      unknown = unknown.plus(report);
    }
    return true;
  }
}
