package io.tidemark.location.postgresql;

import io.tidemark.environment.Clock;
import io.tidemark.location.Consensus.Version;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Compare-and-sets. What waits goes into one statement, which is one transaction and one force to
 * the server's disk, and all of it commits or none.
 *
 * <p>Invariant: a key is in one statement at a time, and there once.
 */
final class Appends extends Dispatcher<Appends.Append> {

  /** The most calls that wait or are under way. */
  static final int MAX_CALLS = 1024;

  /** The most bytes of versions that these hold. */
  static final long MAX_BYTES = 64L << 20;

  /** The most versions in one statement: more would add to its time more than save. */
  static final int MAX_GROUP = 256;

  /** No statement begins another version past this, so none has more than this and one version. */
  static final long MAX_GROUP_BYTES = 4L << 20;

  private final Tables tables;
  private final Set<String> busyKeys = new HashSet<>();

  Appends(Context context, Clock clock, List<Lane> lanes, Tables tables) {
    super(context, clock, lanes, new Room(MAX_CALLS, MAX_BYTES));
    this.tables = tables;
  }

  /** A version to be appended if it follows the head. */
  static final class Append extends Call<Boolean> {
    private final String key;
    private final Version next;

    Append(String key, Version next, long deadlineMillis) {
      super(deadlineMillis);
      this.key = key;
      this.next = next;
    }

    private boolean begins() {
      return next.seqno() == 0;
    }

    @Override
    int bytes() {
      return next.data().length;
    }
  }

  @Override
  List<Append> next(ArrayDeque<Append> waiting) {
    List<Append> group = new ArrayList<>();
    long bytes = 0;
    Iterator<Append> all = waiting.iterator();
    while (all.hasNext() && group.size() < MAX_GROUP && bytes < MAX_GROUP_BYTES) {
      Append append = all.next();
      boolean fits = group.isEmpty() || append.begins() == group.get(0).begins();
      if (fits && busyKeys.add(append.key)) {
        group.add(append);
        bytes += append.bytes();
        all.remove();
      }
    }
    group.sort(Comparator.comparing(append -> append.key));
    return group;
  }

  @Override
  void left(Append append) {
    busyKeys.remove(append.key);
  }

  @Override
  Future<Void> run(Session session, List<Append> group) {
    boolean begins = group.get(0).begins();
    Tuple arguments =
        Tuple.tuple()
            .addArrayOfString(group.stream().map(append -> append.key).toArray(String[]::new));
    if (!begins) {
      arguments.addArrayOfLong(
          group.stream().map(append -> append.next.seqno()).toArray(Long[]::new));
    }
    arguments.addArrayOfBuffer(
        group.stream().map(append -> Buffer.buffer(append.next.data())).toArray(Buffer[]::new));
    return session
        .run(begins ? tables.begin() : tables.advance(), arguments)
        .map(
            won -> {
              answer(group, won);
              return null;
            });
  }

  private static void answer(List<Append> group, RowSet<Row> won) {
    Set<String> winners = new HashSet<>();
    won.forEach(row -> winners.add(row.getString(0)));
    group.forEach(append -> append.succeed(winners.contains(append.key)));
  }
}
