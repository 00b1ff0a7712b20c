package io.tidemark.persist;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.progress.Antichain;
import java.util.Objects;

/**
 * A registered reader, until its lease is over.
 *
 * @param seqno it may still read what the state names as of this version, and of any later one
 * @param since it may still read at any time from here on
 * @param renewedMillis the wall clock of the version that renewed the lease last
 * @param leaseMillis how long the lease holds from then on
 * @param purpose what it reads for, for people
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record ReaderState(
    long seqno, Antichain since, long renewedMillis, long leaseMillis, String purpose) {

  ReaderState {
    Objects.requireNonNull(purpose, "a reader has no purpose");
  }

  boolean isExpired(long wallMillis) {
    return renewedMillis + leaseMillis < wallMillis;
  }
}
