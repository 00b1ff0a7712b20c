package io.tidemark.protocol;

import io.tidemark.persist.consolidate.RowOffset;
import io.tidemark.progress.Antichain;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How far a reader has come in a collection. It means the same at every node and at any time, so a
 * reader that keeps it with what it has made of the updates goes on without a gap or a repeat.
 *
 * <p>As text:
 *
 * <pre>
 *   17                       every update before time 17
 *   end                      every update there will ever be
 *   17-19@8f3a01c2.1         those before 17, and of those from 17 to before 19 the ones that come,
 *                            in the order of their rows' hashes, up to the 1st of hash 8f3a01c2
 *   17-19@8f3a01c2.1.2       the same, the rows being hashed with the columns of schema 2
 *   snapshot                 nothing, and the newest contents are to come first
 *   snapshot-19              nothing, and the contents at 18 are to come first
 *   snapshot-19@8f3a01c2.1   the contents at 18, up to that row in the order of their hashes
 *   now                      nothing, and only what is not complete yet is to come
 * </pre>
 *
 * @param kind what has been read before
 * @param frontier every update before it was given; the least one unless {@code kind} is CHANGES
 * @param until the end of the step that is being given, null for none
 * @param after which of the step's updates were given, null for none
 * @param schema the number of the schema whose columns the rows of the step are hashed with; 0, the
 *     first, if none were given
 */
public record ReadPosition(
    Kind kind,
    Antichain frontier,
    @Nullable Antichain until,
    @Nullable RowOffset after,
    int schema) {

  /** The newest contents first. */
  public static final ReadPosition SNAPSHOT =
      new ReadPosition(Kind.SNAPSHOT, Antichain.minimum(), null, null, 0);

  /** Only what is not complete yet. */
  public static final ReadPosition NOW =
      new ReadPosition(Kind.NOW, Antichain.minimum(), null, null, 0);

  private static final String SNAPSHOT_TEXT = "snapshot";
  private static final String NOW_TEXT = "now";
  private static final String END = "end";
  private static final Pattern TEXT =
      Pattern.compile(
          "(snapshot|[0-9]{1,19})(?:-([0-9]{1,19}|end)(?:@([0-9a-f]{1,16})\\.([0-9]{1,9})"
              + "(?:\\.([0-9]{1,4}))?)?)?");

  /** What a reader begins with. */
  public enum Kind {
    CHANGES,
    SNAPSHOT,
    NOW
  }

  /** Everything before a frontier: what follows is at that time or later. */
  public static ReadPosition since(Antichain frontier) {
    return new ReadPosition(Kind.CHANGES, frontier, null, null, 0);
  }

  /** {@link #since(Antichain)} of a time. */
  public static ReadPosition since(long time) {
    return since(Antichain.of(time));
  }

  /** The contents at a time first. */
  public static ReadPosition snapshotAt(long asOf) {
    return SNAPSHOT.step(after(asOf), null, 0);
  }

  /** The frontier under which {@code time} is complete. */
  public static Antichain after(long time) {
    return time >= Antichain.MAX_TIME ? Antichain.empty() : Antichain.of(time + 1);
  }

  /** This, and some of the updates that follow. */
  public ReadPosition step(Antichain stepUntil, @Nullable RowOffset stepAfter, int stepSchema) {
    return new ReadPosition(kind, frontier, stepUntil, stepAfter, stepSchema);
  }

  /** Whether nothing can follow. */
  public boolean atEnd() {
    return kind == Kind.CHANGES && frontier.isEmpty();
  }

  /**
   * The position of a text.
   *
   * @throws RefusedException with {@link FailureCode#INVALID_ROW} if it is none
   */
  public static ReadPosition parse(String text) {
    if (text.equals(NOW_TEXT)) {
      return NOW;
    }
    if (text.equals(END)) {
      return since(Antichain.empty());
    }
    Matcher matcher = TEXT.matcher(text);
    try {
      if (matcher.matches()) {
        String from = matcher.group(1);
        ReadPosition start = from.equals(SNAPSHOT_TEXT) ? SNAPSHOT : since(frontier(from));
        String until = matcher.group(2);
        if (until == null) {
          return start;
        }
        RowOffset offset = offset(matcher.group(3), matcher.group(4));
        if (start.kind == Kind.SNAPSHOT || (offset != null && isAfter(until, start))) {
          String schema = matcher.group(5);
          return start.step(frontier(until), offset, schema == null ? 0 : Integer.parseInt(schema));
        }
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new RefusedException(
        FailureCode.INVALID_ROW,
        "'"
            + text
            + "' is no place to read from: give a time, a whole number from 0, or snapshot, now, or"
            + " what an earlier reading gave");
  }

  private static boolean isAfter(String until, ReadPosition start) {
    return start.frontier.lessThan(frontier(until));
  }

  private static Antichain frontier(String text) {
    return text.equals(END) ? Antichain.empty() : Antichain.of(Long.parseLong(text));
  }

  private static @Nullable RowOffset offset(@Nullable String hash, @Nullable String count) {
    return hash == null || count == null
        ? null
        : new RowOffset(Long.parseUnsignedLong(hash, 16), Integer.parseInt(count));
  }

  /** The text that {@link #parse} takes. */
  public String text() {
    String from =
        switch (kind) {
          case NOW -> NOW_TEXT;
          case SNAPSHOT -> SNAPSHOT_TEXT;
          case CHANGES -> text(frontier);
        };
    Antichain end = until;
    if (end == null) {
      return from;
    }
    RowOffset offset = after;
    return from
        + "-"
        + text(end)
        + (offset == null ? "" : "@" + Long.toHexString(offset.hash()) + "." + offset.count())
        + (schema == 0 ? "" : "." + schema);
  }

  private static String text(Antichain frontier) {
    return frontier.isEmpty() ? END : Long.toString(frontier.time());
  }

  @Override
  public String toString() {
    return text();
  }
}
