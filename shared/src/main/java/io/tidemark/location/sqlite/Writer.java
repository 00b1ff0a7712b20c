package io.tidemark.location.sqlite;

import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.tidemark.location.IndeterminateException;
import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits all that waits in one transaction, so that one force to disk serves all of it.
 *
 * <p>Invariant: a call is answered only after the transaction that decided it is committed, and no
 * two transactions of this thread overlap.
 */
final class Writer extends StoreThread<WriteSession, Write<?>> {

  /** The most calls that wait: with 1 ms for a commit of all, none waits long. */
  static final int MAX_WAITING = 1024;

  /** The most bytes of versions that wait; as many again may be in the commit that is under way. */
  static final long MAX_WAITING_BYTES = 64L << 20;

  /**
   * After about so many pages the log is moved into the database. More would make the log outgrow
   * what it writes over, and a write to fresh space is slower to force; less would do the two
   * forces of a checkpoint more often than once in some 300 commits.
   */
  static final long CHECKPOINT_PAGES = 1000;

  /** A log of so many pages (256 MiB) means that something keeps it from starting over. */
  private static final long WARN_PAGES = 1 << 16;

  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

  private final Database database;
  private final BusyRetry retry;
  private long pagesSinceCheckpoint;
  private long warnAtPages = WARN_PAGES;

  Writer(Database database, BusyRetry retry, Opening<WriteSession> opening) throws SQLException {
    super("tidemark-sqlite-writer", new GroupQueue<>(MAX_WAITING, MAX_WAITING_BYTES), opening);
    this.database = database;
    this.retry = retry;
  }

  @Override
  void run(List<Write<?>> group) {
    if (commit(group)) {
      for (Write<?> write : group) {
        write.answer();
      }
      checkpointIfDue();
    }
  }

  /** Commits the group, or fails all of it. */
  private boolean commit(List<Write<?>> group) {
    boolean committing = false;
    try {
      WriteSession session = session();
      retry.run(session::begin);
      for (Write<?> write : group) {
        pagesSinceCheckpoint += write.decide(session);
      }
      committing = true;
      session.commit();
      return true;
    } catch (Exception | Error e) {
      abandon();
      ExternalException failure = committing ? indeterminate(e) : determinate(e);
      for (Write<?> write : group) {
        write.fail(failure);
      }
      if (committing) {
        // If the disk is full, a log that starts over needs no more of it.
        checkpoint();
      }
      return false;
    }
  }

  private void checkpointIfDue() {
    if (pagesSinceCheckpoint >= CHECKPOINT_PAGES) {
      checkpoint();
    }
  }

  private void checkpoint() {
    pagesSinceCheckpoint = 0;
    try {
      long pages = session().checkpoint();
      if (pages >= warnAtPages) {
        warnAtPages = 2 * pages;
        LOG.warn(
            "the log of {} has {} pages: a transaction that another process holds open keeps it"
                + " from starting over",
            database.file(),
            pages);
      }
    } catch (SQLException e) {
      abandon();
      LOG.warn(
          "the log of {} could not be checkpointed, it grows: {}",
          database.file(),
          ResultCode.name(e));
    }
  }

  private ExternalException determinate(Throwable e) {
    return e instanceof ExternalException classified
        ? classified
        : new DeterminateException("cannot write to " + database.file() + ": " + cause(e), e);
  }

  private ExternalException indeterminate(Throwable e) {
    return new IndeterminateException(
        "a commit to " + database.file() + " failed, it may have happened: " + cause(e), e);
  }

  private static String cause(Throwable e) {
    return e instanceof SQLException sql ? ResultCode.name(sql) : e.toString();
  }
}
