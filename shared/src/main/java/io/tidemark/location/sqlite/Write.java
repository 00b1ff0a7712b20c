package io.tidemark.location.sqlite;

import io.tidemark.location.Consensus.Version;
import io.tidemark.location.DeterminateException;
import java.sql.SQLException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A call that writes: decided within a transaction, answered once that is committed. */
abstract class Write<T> extends Call<T> {

  /**
   * Does it in the open transaction, and remembers the answer.
   *
   * @return how many pages of the log it takes, about
   */
  abstract long decide(WriteSession session) throws SQLException;

  /** Gives the answer that was remembered. */
  abstract void answer();

  /** Appends a version if it follows the head. */
  static final class Append extends Write<Boolean> {

    /** The leaf pages of the table and its index, and now and then one above or a free one. */
    private static final int PAGES = 3;

    private static final int PAGE_BYTES = 4096;

    private final String key;
    private final Version next;
    private boolean appended;

    Append(String key, Version next) {
      this.key = key;
      this.next = next;
    }

    @Override
    long decide(WriteSession session) throws SQLException {
      appended = session.append(key, next);
      return appended ? PAGES + next.data().length / PAGE_BYTES : 0;
    }

    @Override
    void answer() {
      succeed(appended);
    }

    @Override
    public int bytes() {
      return next.data().length;
    }
  }

  /** Removes the versions below a sequence number. */
  static final class Truncate extends Write<Long> {

    private final String key;
    private final long seqno;
    private long removed;
    private @Nullable DeterminateException refusal;

    Truncate(String key, long seqno) {
      this.key = key;
      this.seqno = seqno;
    }

    @Override
    long decide(WriteSession session) throws SQLException {
      OptionalLong head = session.head(key);
      if (head.isEmpty()) {
        refusal = new DeterminateException("cannot truncate '" + key + "': it has no version");
      } else if (seqno > head.getAsLong()) {
        refusal =
            new DeterminateException(
                String.format(
                    "cannot truncate '%s' below %d: its head is %d", key, seqno, head.getAsLong()));
      } else {
        removed = session.truncate(key, seqno);
      }
      return removed;
    }

    @Override
    void answer() {
      if (refusal != null) {
        fail(refusal);
      } else {
        succeed(removed);
      }
    }
  }
}
