package io.tidemark.write;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of rows that all writers of a node may hold together. Thread-safe.
 *
 * <p>Invariant: {@code 0 <= held <= limit}.
 */
public final class MemoryBudget {

  private final long limitBytes;
  private final AtomicLong heldBytes = new AtomicLong();

  public MemoryBudget(long limitBytes) {
    if (limitBytes < 1) {
      throw new IllegalArgumentException("a memory budget of " + limitBytes + " bytes");
    }
    this.limitBytes = limitBytes;
  }

  /** Takes {@code bytes}, if so many are left. */
  boolean reserve(long bytes) {
    long held = heldBytes.get();
    while (held + bytes <= limitBytes) {
      if (heldBytes.compareAndSet(held, held + bytes)) {
        return true;
      }
      held = heldBytes.get();
    }
    return false;
  }

  /** Gives back what {@link #reserve} took. */
  void release(long bytes) {
    long held = heldBytes.addAndGet(-bytes);
    if (held < 0) {
      throw new IllegalStateException("more memory was given back than taken");
    }
  }

  public long heldBytes() {
    return heldBytes.get();
  }

  public long limitBytes() {
    return limitBytes;
  }
}
