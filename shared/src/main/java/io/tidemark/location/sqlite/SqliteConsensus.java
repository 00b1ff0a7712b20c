package io.tidemark.location.sqlite;

import io.tidemark.environment.Clock;
import io.tidemark.environment.Entropy;
import io.tidemark.location.Arguments;
import io.tidemark.location.Consensus;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.file.Folders;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Consensus in one SQLite database, {@code consensus.db} in a folder of a local disk, which several
 * processes may share.
 *
 * <p>One thread writes: it commits all that waits in one transaction, which is on stable storage
 * before it is answered. Another reads. A commit that fails is indeterminate for all of its group,
 * what fails before the commit is determinate; either way the connection is opened anew. A process
 * that is in the way is waited for, up to a deadline. What waits is bounded: a call that finds no
 * room fails determinately.
 */
public final class SqliteConsensus implements Consensus, AutoCloseable {

  /** How long closing waits for each of the two threads: longer than they wait for the database. */
  static final long CLOSE_MILLIS = 3 * BusyRetry.DEADLINE_MILLIS;

  private final Writer writer;
  private final Reader reader;

  private SqliteConsensus(Writer writer, Reader reader) {
    this.writer = writer;
    this.reader = reader;
    writer.start();
    reader.start();
  }

  /** How connections to the database are made. */
  interface Connecting {
    Connection connect() throws SQLException;
  }

  /**
   * Opens the store in {@code directory}, which is made if it is missing. Blocks: not for an event
   * loop.
   *
   * @param entropy for pauses of random length; used by several threads
   * @param clock used by several threads
   * @throws DeterminateException if the database cannot be opened, or a newer Tidemark made it
   */
  public static SqliteConsensus open(Path directory, Entropy entropy, Clock clock) {
    Database database = new Database(directory);
    return open(database, database::connect, new BusyRetry(clock, entropy));
  }

  static SqliteConsensus open(Database database, Connecting connecting, BusyRetry retry) {
    try {
      Folders.createDurably(database.directory());
      Writer writer =
          new Writer(database, retry, () -> retry.call(() -> writeSession(database, connecting)));
      Reader reader;
      try {
        reader = new Reader(database, retry, () -> retry.call(() -> readSession(connecting)));
        Folders.force(database.directory());
      } catch (SQLException | IOException | RuntimeException e) {
        writer.abandon();
        throw e;
      }
      return new SqliteConsensus(writer, reader);
    } catch (SQLException e) {
      throw new DeterminateException(
          "cannot open " + database.file() + ": " + ResultCode.name(e), e);
    } catch (IOException e) {
      throw new DeterminateException("cannot open " + database.file() + ": " + e, e);
    }
  }

  private static WriteSession writeSession(Database database, Connecting connecting)
      throws SQLException {
    Connection connection = connecting.connect();
    try {
      database.createSchema(connection);
      return new WriteSession(connection);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static ReadSession readSession(Connecting connecting) throws SQLException {
    Connection connection = connecting.connect();
    try {
      return new ReadSession(connection);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public Future<Optional<Version>> head(String key) {
    Arguments.key(key);
    return read(session -> session.head(key));
  }

  @Override
  public Future<Boolean> compareAndSet(String key, Version next) {
    Arguments.key(key);
    return write(new Write.Append(key, next));
  }

  @Override
  public Future<List<Version>> scan(String key, long from, int limit) {
    Arguments.key(key);
    Arguments.seqno(from);
    Arguments.limit(limit);
    return read(session -> session.scan(key, from, limit));
  }

  @Override
  public Future<Long> truncate(String key, long seqno) {
    Arguments.key(key);
    Arguments.seqno(seqno);
    return write(new Write.Truncate(key, seqno));
  }

  @Override
  public Future<Void> listKeys(Consumer<String> keys) {
    return read(ReadSession::keys)
        .map(
            found -> {
              found.forEach(keys);
              return null;
            });
  }

  private <T> Future<T> write(Write<T> write) {
    return writer.submit(write, write.future());
  }

  private <T> Future<T> read(Read.Query<T> query) {
    Read<T> read = new Read<>(query);
    return reader.submit(read, read.future());
  }

  /**
   * Refuses calls from now on, runs those that wait, and closes the database; a call that cannot be
   * run in time fails determinately. Blocks, for at most twice {@code CLOSE_MILLIS}: not for an
   * event loop.
   */
  @Override
  public void close() {
    writer.stop();
    reader.stop();
    writer.join(CLOSE_MILLIS);
    reader.join(CLOSE_MILLIS);
  }
}
