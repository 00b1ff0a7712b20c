package io.tidemark.location.sqlite;

import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import java.sql.SQLException;
import java.util.List;

/** Runs reads, one by one, beside the writer. A read that fails has had no effect. */
final class Reader extends StoreThread<ReadSession, Read<?>> {

  /** The most calls that wait. */
  static final int MAX_WAITING = 4096;

  private final Database database;
  private final BusyRetry retry;

  Reader(Database database, BusyRetry retry, Opening<ReadSession> opening) throws SQLException {
    super("tidemark-sqlite-reader", new GroupQueue<>(MAX_WAITING, 0), opening);
    this.database = database;
    this.retry = retry;
  }

  @Override
  void run(List<Read<?>> group) {
    for (Read<?> read : group) {
      answer(read);
    }
  }

  private <T> void answer(Read<T> read) {
    T result;
    try {
      ReadSession session = session();
      result = retry.call(() -> read.run(session));
    } catch (Exception | Error e) {
      abandon();
      read.fail(determinate(e));
      return;
    }
    read.succeed(result);
  }

  private ExternalException determinate(Throwable e) {
    if (e instanceof ExternalException classified) {
      return classified;
    }
    String cause = e instanceof SQLException sql ? ResultCode.name(sql) : e.toString();
    return new DeterminateException("cannot read from " + database.file() + ": " + cause, e);
  }
}
