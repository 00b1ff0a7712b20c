package io.tidemark.launcher.cluster;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.map.ExtendedMapEntry;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One atomic step on a lease, made where its entry lies: the maps of Hazelcast have no compare and
 * set with a time to live of their own. It yields whether it changed the entry.
 *
 * <p>A lease is text: {@code node/token}. The backups are told the outcome, rather than to decide
 * themselves: they keep an entry for a while after it has expired.
 */
abstract class LeaseStep implements EntryProcessor<String, String, Boolean> {

  private static final long serialVersionUID = 1;

  private static final char SEPARATOR = '/';

  private transient boolean changed;

  /** The value of a lease. */
  static String value(String node, String token) {
    return node + SEPARATOR + token;
  }

  /** The node that holds a lease. */
  static String node(String value) {
    int end = value.indexOf(SEPARATOR);
    return end < 0 ? value : value.substring(0, end);
  }

  /** Whether to take the step, from this value; null if there is none. */
  abstract boolean applies(@Nullable String current);

  /** What it does to the entry. */
  abstract Outcome outcome();

  @Override
  public Boolean process(Map.Entry<String, String> entry) {
    changed = applies(entry.getValue()) && outcome().process(entry);
    return changed;
  }

  @Override
  public @Nullable EntryProcessor<String, String, Boolean> getBackupProcessor() {
    return changed ? outcome() : null;
  }

  /** Takes a lease that nobody holds. */
  static final class Take extends LeaseStep {
    private static final long serialVersionUID = 1;
    private final String value;
    private final long ttlMillis;

    Take(String value, long ttlMillis) {
      this.value = value;
      this.ttlMillis = ttlMillis;
    }

    @Override
    boolean applies(@Nullable String current) {
      return current == null || current.equals(value); // Hazelcast may try a step twice
    }

    @Override
    Outcome outcome() {
      return new Outcome(value, ttlMillis);
    }
  }

  /** Renews a lease that is still one's own. */
  static final class Renew extends LeaseStep {
    private static final long serialVersionUID = 1;
    private final String value;
    private final long ttlMillis;

    Renew(String value, long ttlMillis) {
      this.value = value;
      this.ttlMillis = ttlMillis;
    }

    @Override
    boolean applies(@Nullable String current) {
      return value.equals(current);
    }

    @Override
    Outcome outcome() {
      return new Outcome(value, ttlMillis);
    }
  }

  /** Ends a lease that is still one's own. */
  static final class Release extends LeaseStep {
    private static final long serialVersionUID = 1;
    private final String value;

    Release(String value) {
      this.value = value;
    }

    @Override
    boolean applies(@Nullable String current) {
      return value.equals(current);
    }

    @Override
    Outcome outcome() {
      return new Outcome(null, 0);
    }
  }

  /** Ends whatever a node holds that is not there any more. Runs on every entry, here and there. */
  static final class Evict implements EntryProcessor<String, String, Boolean> {
    private static final long serialVersionUID = 1;
    private final String node;

    Evict(String node) {
      this.node = node;
    }

    @Override
    public Boolean process(Map.Entry<String, String> entry) {
      String current = entry.getValue();
      return current != null && node.equals(node(current)) && new Outcome(null, 0).process(entry);
    }
  }

  /** Sets the entry, or removes it, whatever it was. */
  static final class Outcome implements EntryProcessor<String, String, Boolean> {
    private static final long serialVersionUID = 1;
    private final @Nullable String value;
    private final long ttlMillis;

    Outcome(@Nullable String value, long ttlMillis) {
      this.value = value;
      this.ttlMillis = ttlMillis;
    }

    @Override
    @SuppressWarnings("NullAway") // null removes the entry
    public Boolean process(Map.Entry<String, String> entry) {
      if (value == null) {
        String unused = entry.setValue(null);
      } else {
        String unused =
            ((ExtendedMapEntry<String, String>) entry)
                .setValue(value, ttlMillis, TimeUnit.MILLISECONDS);
      }
      return true;
    }
  }
}
