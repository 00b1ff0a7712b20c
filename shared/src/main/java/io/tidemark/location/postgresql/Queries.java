package io.tidemark.location.postgresql;

import io.tidemark.environment.Clock;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Function;

/** All calls but compare-and-sets: each is a statement of its own. */
final class Queries extends Dispatcher<Queries.Query<?>> {

  /** The most calls that wait or are under way. */
  static final int MAX_CALLS = 1024;

  Queries(Context context, Clock clock, List<Lane> lanes) {
    super(context, clock, lanes, new Room(MAX_CALLS, Long.MAX_VALUE));
  }

  /** What a query does. */
  enum Kind {
    /** It changes nothing, so whatever becomes of it, it did not happen. */
    READS,
    WRITES
  }

  /** A statement, and what its rows say. */
  static final class Query<T> extends Call<T> {
    private final Kind kind;
    private final String sql;
    private final Tuple arguments;
    private final Function<RowSet<Row>, T> result;

    Query(
        Kind kind,
        String sql,
        Tuple arguments,
        Function<RowSet<Row>, T> result,
        long deadlineMillis) {
      super(deadlineMillis);
      this.kind = kind;
      this.sql = sql;
      this.arguments = arguments;
      this.result = result;
    }

    private Future<Void> run(Session session) {
      return session
          .run(sql, arguments)
          .map(
              rows -> {
                succeed(result.apply(rows));
                return null;
              });
    }

    @Override
    void fail(Throwable cause) {
      super.fail(
          kind == Kind.READS && cause instanceof IndeterminateException
              ? new DeterminateException("a read failed: " + cause.getMessage(), cause)
              : cause);
    }
  }

  @Override
  List<Query<?>> next(ArrayDeque<Query<?>> waiting) {
    return List.of(waiting.remove());
  }

  @Override
  Future<Void> run(Session session, List<Query<?>> group) {
    return group.get(0).run(session);
  }
}
