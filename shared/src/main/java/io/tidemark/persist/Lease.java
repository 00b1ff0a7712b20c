package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one reader of this process may read: times from its since on, and the parts that the state
 * names as of the versions that it has pinned. Belongs to one context.
 */
final class Lease implements UpdateReaders.Held {

  private final ReaderId id;
  private final String purpose;
  private final Machine machine;
  private final TreeMap<Long, Integer> pinned = new TreeMap<>();
  private final List<SincePin> sincePins = new ArrayList<>();
  private Antichain since = Antichain.minimum();
  private @Nullable Antichain wish;
  private @Nullable RuntimeException ended;

  Lease(ReaderId id, String purpose, Machine machine) {
    this.id = id;
    this.purpose = purpose;
    this.machine = machine;
  }

  @Override
  public ReaderId id() {
    return id;
  }

  @Override
  public Antichain since() {
    return since;
  }

  String purpose() {
    return purpose;
  }

  @Override
  public long oldestSeqno(long next) {
    return pinned.isEmpty() ? next : Math.min(next, pinned.firstKey());
  }

  /** It is registered, and may read from {@code first} on. */
  void begin(Antichain first) {
    since = first;
  }

  /** Wishes to read only from {@code least} on. */
  void downgrade(Antichain least) {
    wish = wish == null ? least : Antichain.join(wish, least);
    advance();
  }

  private void advance() {
    Antichain least = wish;
    for (SincePin pin : sincePins) {
      least = least == null ? pin.at : Antichain.meet(least, pin.at);
    }
    if (least != null) {
      since = Antichain.join(since, least);
    }
  }

  /** Keeps times from {@code at} on readable, however little else is wished for. */
  SincePin pinSince(Antichain at) {
    SincePin pin = new SincePin(at);
    sincePins.add(pin);
    return pin;
  }

  /** Keeps what the state names as of now; pinned in the same turn in which the state is read. */
  SeqnoPin pinSeqno() {
    long seqno = machine.state().seqno();
    pinned.merge(seqno, 1, Integer::sum);
    return new SeqnoPin(seqno);
  }

  /**
   * Fails unless this may be read with.
   *
   * @throws LeaseExpiredException if the reader was taken away
   * @throws IllegalStateException if it is closed
   */
  void check() {
    if (ended != null) {
      throw ended;
    }
  }

  boolean isEnded() {
    return ended != null;
  }

  /** From now on every use fails with {@code cause}. */
  void end(RuntimeException cause) {
    if (ended == null) {
      ended = cause;
    }
  }

  @Override
  public String toString() {
    return "reader " + id + " (" + purpose + ")";
  }

  /** A time from which on somebody reads; may move forward. */
  final class SincePin {
    private Antichain at;

    private SincePin(Antichain at) {
      this.at = at;
    }

    void move(Antichain to) {
      at = Antichain.join(at, to);
      advance();
    }

    void release() {
      sincePins.remove(this);
    }
  }

  /** A version whose parts somebody reads. */
  final class SeqnoPin {
    private final long seqno;
    private boolean released;

    private SeqnoPin(long seqno) {
      this.seqno = seqno;
    }

    long seqno() {
      return seqno;
    }

    void release() {
      if (!released) {
        released = true;
        pinned.merge(seqno, -1, (count, less) -> count == 1 ? null : count + less);
      }
    }
  }
}
