package io.tidemark.append;

import io.tidemark.persist.Advance;
import io.tidemark.persist.Append;
import io.tidemark.persist.Part;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.protocol.Counts;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Messages.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the tokens of one epoch, and decides what to append. Pure: it knows the time only as it
 * is told.
 *
 * <p>A description is complete once every writer that it asks has given its token, empty or not.
 * Whom it asks is known from mint: a token may come before that. Complete ones are appended in
 * order, contiguous ones together; one append is under way at a time.
 */
final class Appender {

  private final List<String> roster;
  private final AppendSettings settings;
  private final TreeMap<Long, Gathering> gatherings = new TreeMap<>();
  private Antichain upper;
  private long committed;
  private long appending;

  /**
   * @param upper the shard's upper when the epoch began
   * @param roster the writers that take part
   */
  Appender(AppendSettings settings, Antichain upper, List<String> roster) {
    this.settings = settings;
    this.upper = upper;
    this.roster = List.copyOf(roster);
  }

  /** The tokens of one description, and when each missing writer was last heard of. */
  private static final class Gathering {
    private final BatchDescription description;
    private final Map<String, Token> tokens = new TreeMap<>();
    private final Map<String, Long> heardMillis = new HashMap<>();

    /** Everybody, until mint has said it. */
    private List<String> asked;

    private boolean isDescribed;

    Gathering(BatchDescription description, List<String> roster) {
      this.description = description;
      this.asked = roster;
    }

    /** False if a writer has given a token that was not asked for. */
    boolean describe(@Nullable List<String> writers) {
      isDescribed = true;
      asked = writers == null ? asked : writers;
      return asked.containsAll(tokens.keySet());
    }

    boolean isComplete() {
      return isDescribed && tokens.size() == asked.size();
    }
  }

  /**
   * Consecutive descriptions that can be appended in one step.
   *
   * @param last the number of the last of them
   */
  record Ready(long last, Append append, Counts counts, int descriptions) {}

  /** What became of a token. */
  enum Verdict {
    /** It is kept, and answered when it is committed. */
    KEPT,
    /** Its description is committed already. */
    COMMITTED,
    /** It contradicts what is known: the epoch cannot go on. */
    BROKEN
  }

  /** The number of the last description that is in the shard, 0 for none. */
  long committed() {
    return committed;
  }

  Antichain upper() {
    return upper;
  }

  /** Mint has published these descriptions. */
  Verdict described(List<Numbered> open, long nowMillis) {
    for (Numbered numbered : open) {
      if (numbered.number() > committed) {
        Gathering gathering = gathering(numbered.number(), numbered.description(), nowMillis);
        if (gathering == null || !gathering.describe(numbered.writers())) {
          return Verdict.BROKEN;
        }
      }
    }
    return Verdict.KEPT;
  }

  /** A writer says that it still works on a description. */
  void working(String writer, long number, long nowMillis) {
    Gathering gathering = gatherings.get(number);
    if (gathering != null && roster.contains(writer)) {
      gathering.heardMillis.put(writer, nowMillis);
    }
  }

  /** A writer's token. The same one may come again; the first is kept. */
  Verdict token(Token token, long nowMillis) {
    if (token.number() <= committed) {
      return Verdict.COMMITTED;
    }
    if (!roster.contains(token.writer())) {
      return Verdict.BROKEN;
    }
    Gathering gathering = gathering(token.number(), token.batch().description(), nowMillis);
    if (gathering == null || !gathering.asked.contains(token.writer())) {
      return Verdict.BROKEN;
    }
    gathering.tokens.putIfAbsent(token.writer(), token);
    return Verdict.KEPT;
  }

  private @Nullable Gathering gathering(long number, BatchDescription description, long nowMillis) {
    Gathering known = gatherings.get(number);
    if (known == null) {
      if (gatherings.size() >= settings.maxPending()) {
        return null;
      }
      known = new Gathering(description, roster);
      for (String writer : roster) {
        known.heardMillis.put(writer, nowMillis);
      }
      gatherings.put(number, known);
    }
    return known.description.equals(description) ? known : null;
  }

  /** Whether writers have not given their token for a description yet. */
  boolean isIncomplete(long number) {
    Gathering gathering = gatherings.get(number);
    return gathering != null && gathering.tokens.size() < gathering.asked.size();
  }

  /** What can be appended now; null if nothing can, or an append is under way. */
  @Nullable Ready next() {
    if (appending > committed) {
      return null;
    }
    List<Gathering> complete = new ArrayList<>();
    long number = committed;
    for (Gathering each = gatherings.get(number + 1);
        each != null && each.isComplete();
        each = gatherings.get(number + 1)) {
      complete.add(each);
      number++;
    }
    if (complete.isEmpty()) {
      return null;
    }
    appending = number;
    return ready(number, complete);
  }

  private static Ready ready(long last, List<Gathering> complete) {
    List<Part> parts = new ArrayList<>();
    Map<String, Advance> advances = new HashMap<>();
    Map<String, String> offsets = new HashMap<>();
    Counts counts = Counts.NONE;
    for (Gathering gathering : complete) {
      for (Token token : gathering.tokens.values()) {
        parts.addAll(token.batch().parts());
        token.advances().forEach((id, advance) -> advances.merge(id, advance, Advance::then));
        offsets.putAll(token.offsets());
        counts = counts.plus(token.counts());
      }
    }
    Append append =
        new Append(
            complete.get(0).description.lower(),
            complete.get(complete.size() - 1).description.upper(),
            parts,
            advances,
            offsets);
    return new Ready(last, append, counts, complete.size());
  }

  /** The append that {@link #next} gave is in the shard. */
  void appended(Ready ready) {
    committed = ready.last();
    upper = ready.append().upper();
    gatherings.headMap(committed, true).clear();
  }

  /** A writer that has been silent for too long about a description; null if there is none. */
  @Nullable String overdue(long nowMillis) {
    for (Map.Entry<Long, Gathering> each : gatherings.entrySet()) {
      Gathering gathering = each.getValue();
      for (String writer : gathering.asked) {
        if (!gathering.tokens.containsKey(writer)
            && nowMillis - gathering.heardMillis.getOrDefault(writer, nowMillis)
                > settings.tokenMillis()) {
          return "writer "
              + writer
              + " has been silent for "
              + settings.tokenMillis()
              + " ms about description "
              + each.getKey()
              + " "
              + gathering.description;
        }
      }
    }
    return null;
  }
}
